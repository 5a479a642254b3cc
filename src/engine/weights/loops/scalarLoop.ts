import type { Quantizer, VectorQuantizer } from '../../../quant/Quantizer';
import type { Block, KernelWorkspace } from '../Block';
import { ERROR_STATS, unitsPerRow } from '../errorStats';
import type { QuantizerLoop, Results } from './QuantizerLoop';
import { runs, type Run } from './runs';

/** A kind of quantizer with one code for each weight. */
export type ScalarQuantizer = Exclude<Quantizer, VectorQuantizer>;

/** One call of the kernel's loop. */
export interface Call extends Run, Results {
  /** Where the run's weights are in the kernel's memory. */
  readonly src: number;
  /** 1 or 2. */
  readonly codeBytes: number;
}

/** Room in the kernel's memory for a quantizer's numbers, one of 4 bytes for each unit of a block in either area. */
export interface Parameters {
  readonly first: number;
  readonly second: number;
  readonly units: number;
}

interface ScalarKind<Q extends ScalarQuantizer> {
  /** Brings a quantizer's numbers into the kernel's memory, one per unit of the block, and binds them to its loop. */
  bind(workspace: KernelWorkspace, block: Block, quantizer: Q, parameters: Parameters): (call: Call) => void;
  /** Bytes that `bind` needs behind the first area, where those of the second are not enough. */
  tableBytes?(quantizer: Q, units: number): number;
}

/** The loop of a kind that gives each weight a code of its own: a block's runs, one call each. */
export function scalarLoop<Q extends ScalarQuantizer>({ bind, tableBytes }: ScalarKind<Q>): QuantizerLoop<Q> {
  return {
    apply(workspace, block, quantizer, results) {
      const units = block.rows * unitsPerRow(quantizer.groups);
      const first = workspace.reserveScratch(units * 8 + (tableBytes?.(quantizer, units) ?? 0));
      const call = bind(workspace, block, quantizer, { first, second: first + units * 4, units });
      const codeBytes = quantizer.bits > 8 ? 2 : 1;
      for (const run of runs(block, quantizer.groups))
        call({
          ...run,
          src: block.pointer + run.start * 4,
          codes: results.codes && results.codes + run.start * codeBytes,
          codeBytes,
          values: results.values && results.values + run.start * 4,
          stats: results.stats + run.unit * ERROR_STATS * 8,
        });
    },
    codeLength: (_, weights) => weights,
  };
}

/** Gives each unit of the block its group's number: its own, or the one that there is for the tensor. */
export function spread<T extends Float32Array | Int32Array>(
  target: T,
  source: T,
  { row }: Block,
  { groups: { perRow } }: Quantizer,
): void {
  if (perRow === 0) target.fill(source[0]!);
  else target.set(source.subarray(row * perRow, row * perRow + target.length));
}

/** Brings the scales of the block's units into the first area. */
export function spreadScales(
  { memory }: KernelWorkspace,
  block: Block,
  quantizer: ScalarQuantizer & { readonly scales: Float32Array },
  { first, units }: Parameters,
): void {
  spread(memory.float32(first, units), quantizer.scales, block, quantizer);
}
