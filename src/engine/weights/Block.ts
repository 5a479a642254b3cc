import type { Kernel } from '../../kernel/Kernel';
import type { KernelMemory } from '../../kernel/KernelMemory';
/** Some whole rows of a weight matrix (output channels x weights of a channel). */
export interface Block {
  /** Index of the first row. */
  readonly row: number;
  readonly rows: number;
  readonly cols: number;
  /** Where its weights are in the kernel's memory. */
  readonly pointer: number;
}

/** The context of a kernel call beside its block: the kernel, its memory, and room for parameters and unwanted results. */
export interface KernelWorkspace {
  readonly kernel: Kernel;
  readonly memory: KernelMemory;
  /** Room for parameters or results of one call; the next call may get the same. */
  reserveScratch(bytes: number): number;
  /** Where codes and values go that nobody asked for, for loops that must write them. */
  readonly spare: { readonly codes: number; readonly values: number };
}
