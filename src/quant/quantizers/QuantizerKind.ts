import type { EncodedScales, EncodedTensor } from '../EncodedTensor';
import type { Quantizer } from '../Quantizer';

/** Everything that depends on the kind of a quantizer but the kernel's loops, which `engine/weights` binds. */
export interface QuantizerKind<Q extends Quantizer> {
  /** The values that codes stand for in one group, ascending, each once. */
  levels(quantizer: Q, group: number): Float32Array;
  /** The lowest and highest of these, without making the others. */
  bounds(quantizer: Q, group: number): readonly [lowest: number, highest: number];
  /** Bytes of everything but the codes. */
  sideBytes(quantizer: Q): number;
  /** @param codes as the kernel writes them: one per weight in tensor order; of vectors, [vectors][parts] in row order */
  encode(quantizer: Q, codes: Uint8Array | Uint16Array): EncodedTensor;
}

export const FLOAT_BYTES = 4;

export function scaledLevels(levels: Float32Array, scale: number): Float32Array {
  return levels.map((level) => level * scale);
}

/** Ascending, each once, with one zero. */
export function distinct(numbers: Iterable<number>): Float32Array {
  return Float32Array.from(new Set(Array.from(numbers, (number) => number + 0))).sort();
}

export function ends(levels: Float32Array): readonly [lowest: number, highest: number] {
  return [levels[0]!, levels.at(-1)!];
}

/** Levels that groups have in common but for their scale, by the quantizer that they belong to. */
const UNSCALED = new WeakMap<Quantizer, Float32Array>();

export function unscaled(quantizer: Quantizer, table: () => Iterable<number>): Float32Array {
  let levels = UNSCALED.get(quantizer);
  if (!levels) UNSCALED.set(quantizer, (levels = distinct(table())));
  return levels;
}

/** Scales as they are stored: one for each group. */
export function encodedScales({ groups }: Quantizer, values: Float32Array | Uint8Array): EncodedScales {
  return { values, block: groups.perRow > 1 ? groups.size : null };
}

/** A table that is the same for all tensors of a scheme. */
export function sharedTable(entries: Float32Array) {
  return { kind: 'table', entries, own: false } as const;
}
