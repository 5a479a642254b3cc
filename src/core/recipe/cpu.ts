/** CPUs that an export can be written for, as far as onnxruntime's integer kernels differ between them. */

/** The machine that exports, or a kind of CPU by its instructions. */
export const CPUS = ['here', 'x64-vnni', 'x64-avx2', 'arm64'] as const;
export type CpuChoice = (typeof CPUS)[number];
export type NamedCpu = Exclude<CpuChoice, 'here'>;

export interface CpuFacts {
  /** As in "on CPUs with VNNI". */
  readonly label: string;
  /**
   * Whether kernels for uint8 activations and int8 weights add two products at a time in 16 bits, which saturate. Those for uint8 weights, and
   * those for int8 activations, add in 32 bits everywhere.
   */
  readonly addsPairsIn16Bits: boolean;
  /** Time of a kernel with uint8 weights, of one with int8 weights of the same shape, at most. */
  readonly unsignedTime: number;
}

/**
 * Facts of onnxruntime 1.30, measured on matrix products and convolutions of the sizes that text recognisers have; a CPU with AVX-512 but without
 * VNNI is as one with AVX2. On ARM both kinds of weights take the same kernel (MLAS, qgemm_kernel_neon.cpp), of which nothing was measured.
 */
export const CPU_FACTS: Readonly<Record<NamedCpu, CpuFacts>> = {
  'x64-vnni': { label: 'x64 with VNNI', addsPairsIn16Bits: false, unsignedTime: 2.5 },
  'x64-avx2': { label: 'x64 with AVX2, without VNNI', addsPairsIn16Bits: true, unsignedTime: 1.5 },
  arm64: { label: '64-bit ARM', addsPairsIn16Bits: false, unsignedTime: 1 },
};
