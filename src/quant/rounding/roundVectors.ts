import type { Pause } from '../../base/pauses';
import type { VectorQuantizer } from '../Quantizer';
import type { FactorBlock } from './FactorBlock';
import type { MomentsFactor } from './MomentsFactor';
import { settleLast } from './settleLast';
import type { RowSet } from './RowSet';

/** The inputs that have to stay together in the factor for this: those of a vector, if none of them crosses rows or blocks; else all in their order. */
export function vectorRun(
  { dimension, groups: { cols } }: VectorQuantizer,
  block: number,
  taps: number | null,
): number {
  return taps === null && cols % dimension === 0 && block % dimension === 0 ? dimension : Infinity;
}

/** A weight as the factor sees it. */
interface Place {
  /** Where its row's errors begin. */
  readonly row: number;
  readonly block: FactorBlock;
  readonly position: number;
}

/**
 * Rounds vectors of neighbouring weights, each with the errors of those before fed back, to the entry that leaves least: Babai's nearest plane with
 * the best of a few points in place of a coordinate. Vectors may cross rows; then all go from the last to the first.
 * @param targets [row][col], see `RowSet`
 * @param factor made with `run: vectorRun(...)`
 * @returns the values, likewise
 */
export async function roundVectors(
  targets: Float32Array,
  quantizer: VectorQuantizer,
  factor: MomentsFactor,
  sets: readonly RowSet[],
  pause: Pause,
): Promise<Float32Array> {
  const { dimension, parts, groups } = quantizer;
  const size = dimension / parts;
  const { length } = targets;
  const values = new Float32Array(length);
  const placeOf = places(groups.cols, factor, sets);
  const errors = new Float32Array(length);
  const round = (first: number) => {
    for (let part = parts - 1; part >= 0; part--) {
      const from = first + part * size;
      const found = Math.max(0, Math.min(size, length - from));
      if (found === 0) continue;
      const members = Array.from({ length: found }, (_, i) => placeOf(from + i));
      const wanted = members.map((place, i) => targets[from + i]! + fedBack(place, errors));
      const entry = best(wanted, members, quantizer, part);
      for (let i = 0; i < found; i++) {
        values[from + i] = quantizer.codebooks[entry * size + i + part * quantizer.entries * size]!;
        const { row, block, position } = members[i]!;
        errors[row + block.start + position] = targets[from + i]! - values[from + i]!;
      }
    }
  };
  for (const [index, first] of [...vectorOrder(quantizer, factor, sets, length)].entries()) {
    round(first);
    if (index % 1024 === 0) await pause();
  }
  settleLast(values, quantizer);
  return values;
}

/** The vectors' first weights in the order in which they are rounded. */
function* vectorOrder(
  { dimension, groups: { cols } }: VectorQuantizer,
  { run, blocks }: MomentsFactor,
  sets: readonly RowSet[],
  length: number,
): Generator<number> {
  if (run !== dimension) {
    const last = Math.ceil(length / dimension) - 1;
    for (let index = last; index >= 0; index--) yield index * dimension;
    return;
  }
  for (const { group, first, rows } of sets)
    for (let r = first; r < first + rows; r++)
      for (const { start, count, order } of blocks[group]!)
        for (let p = count - dimension; p >= 0; p -= dimension) yield r * cols + start + order[p]!;
}

/** Finds a weight's place by its index. */
function places(
  cols: number,
  { blocks, perGroup }: MomentsFactor,
  sets: readonly RowSet[],
): (index: number) => Place {
  const positions = new Map<FactorBlock, Int32Array>();
  for (const block of blocks.flat()) {
    const inverse = new Int32Array(block.count);
    block.order.forEach((input, position) => (inverse[input] = position));
    positions.set(block, inverse);
  }
  const { stride } = sets[0]!;
  const perRow = cols / perGroup;
  const rowsOfSet = sets[0]!.rows;
  return (index) => {
    const row = Math.floor(index / cols);
    const col = index % cols;
    // Of one matrix for each tap, weights of the same row lie `stride` apart.
    const tap = col % stride;
    const input = Math.floor(col / stride);
    const group = stride === 1 && perRow === 1 ? Math.floor(row / rowsOfSet) : Math.floor(input / perGroup);
    const within = input % perGroup;
    const each = blocks[group]!;
    const block = each[Math.floor(within / each[0]!.count)]!;
    const position = positions.get(block)![within - block.start]!;
    return { row: row * cols + (group * stride + tap) * (perRow === 1 ? 0 : perGroup), block, position };
  };
}

function fedBack({ row, block, position }: Place, errors: Float32Array): number {
  const { count, shares, start } = block;
  let sum = 0;
  for (let k = position + 1; k < count; k++) sum += shares[position * count + k]! * errors[row + start + k]!;
  return sum;
}

/** Finds the entry that leaves the least of the error that later weights cannot make up for. */
function best(
  wanted: readonly number[],
  members: readonly Place[],
  { codebooks, entries, dimension, parts }: VectorQuantizer,
  part: number,
): number {
  const size = dimension / parts;
  const count = wanted.length;
  const coupled = new Float64Array(count * count);
  const weights = members.map(({ block, position }) => block.pivots[position]!);
  members.forEach((a, i) =>
    members.forEach((b, j) => {
      if (a.row === b.row && a.block === b.block && b.position > a.position)
        coupled[i * count + j] = a.block.shares[a.position * a.block.count + b.position]!;
    }),
  );
  let [nearest, least] = [0, Infinity];
  const left = new Float64Array(count);
  for (let entry = 0; entry < entries; entry++) {
    const from = (part * entries + entry) * size;
    let loss = 0;
    for (let i = 0; i < count; i++) left[i] = wanted[i]! - codebooks[from + i]!;
    for (let i = 0; i < count && loss < least; i++) {
      let sum = left[i]!;
      for (let j = 0; j < count; j++) sum += coupled[i * count + j]! * left[j]!;
      loss += weights[i]! * sum * sum;
    }
    if (loss < least) [nearest, least] = [entry, loss];
  }
  return nearest;
}
