/** From quantizers to calls of the kernel. */
import type { Kernel } from '../../kernel/Kernel';
import type { Groups } from '../../quant/Groups';
import type { Quantizer, TableQuantizer, VectorQuantizer } from '../../quant/Quantizer';
import { UserError } from '../../base/UserError';
import { ERROR_STATS, unitsPerRow } from './errorStats';
import type { Block, KernelWorkspace } from './Block';

/** Where results go in the kernel's memory; 0 for codes or values that are not wanted. */
interface Results {
  readonly codes: number;
  readonly values: number;
  readonly stats: number;
}

/** Quantizes a block: values and codes of each weight, statistics of each row or, where rows have several groups, of each group. */
export function applyQuantizer(
  workspace: KernelWorkspace,
  block: Block,
  quantizer: Quantizer,
  results: Results,
): void {
  if (quantizer.kind === 'vector') {
    applyVectors(workspace, block, quantizer, results);
    return;
  }
  const call = prepare(workspace, block, quantizer);
  const codeBytes = quantizer.bits > 8 ? 2 : 1;
  for (const { start, unit, rows, cols } of runs(block, quantizer.groups))
    call({
      src: block.pointer + start * 4,
      start,
      unit,
      rows,
      cols,
      codes: results.codes && results.codes + start * codeBytes,
      codeBytes,
      values: results.values && results.values + start * 4,
      stats: results.stats + unit * ERROR_STATS * 8,
    });
}

/** Codes of so many weights. */
export function codeLength(quantizer: Quantizer, weights: number): number {
  return quantizer.kind === 'vector' ? Math.ceil(weights / quantizer.dimension) * quantizer.parts : weights;
}

/** Rows of equal length that the kernel takes at once: the block's own, or its groups as rows. */
export interface Run {
  /** First weight, and first unit (row or group), in the block. */
  readonly start: number;
  readonly unit: number;
  readonly rows: number;
  readonly cols: number;
}

interface Call extends Run, Results {
  readonly src: number;
  readonly codeBytes: number;
}

export function* runs({ rows, cols }: Block, { perRow, size }: Groups): Generator<Run> {
  if (perRow <= 1) yield { start: 0, unit: 0, rows, cols };
  else if (cols % size === 0) yield { start: 0, unit: 0, rows: rows * perRow, cols: size };
  else {
    // The last group of each row is short.
    const whole = perRow - 1;
    for (let r = 0; r < rows; r++) {
      const [start, unit] = [r * cols, r * perRow];
      yield { start, unit, rows: whole, cols: size };
      yield { start: start + whole * size, unit: unit + whole, rows: 1, cols: cols - whole * size };
    }
  }
}

/** Brings a quantizer's numbers into the kernel's memory, one per unit of the block, and binds them to its loop. */
function prepare(
  workspace: KernelWorkspace,
  block: Block,
  quantizer: Exclude<Quantizer, VectorQuantizer>,
): (call: Call) => void {
  const { kernel, memory } = workspace;
  const units = block.rows * unitsPerRow(quantizer.groups);
  const area = workspace.reserveScratch(units * 8 + tableBytes(quantizer, units));
  const second = area + units * 4;
  const floats = (numbers: Float32Array) => spread(memory.float32(area, units), numbers, block, quantizer);
  switch (quantizer.kind) {
    case 'affine': {
      const { qmin, qmax, zeroPoints } = quantizer;
      floats(quantizer.scales);
      if (zeroPoints) spread(memory.int32(second, units), zeroPoints, block, quantizer);
      else memory.int32(second, units).fill(0);
      return ({ src, unit, rows, cols, codes, codeBytes, values, stats }) =>
        kernel.affineRows(
          ...([src, rows, cols, area + unit * 4, second + unit * 4, qmin, qmax] as const),
          ...([codes, codeBytes, values, stats] as const),
        );
    }
    case 'log': {
      const { count, bits, exponents } = quantizer;
      spread(memory.int32(area, units), exponents, block, quantizer);
      return ({ src, unit, rows, cols, codes, values, stats }) =>
        kernel.logRows(src, rows, cols, area + unit * 4, count, 2 ** (bits - 1), codes, values, stats);
    }
    case 'binary': {
      const { seed } = quantizer;
      const { row, cols: width } = block;
      floats(quantizer.scales);
      if (seed === null)
        return ({ src, unit, rows, cols, codes, values, stats }) =>
          kernel.binaryRows(src, rows, cols, area + unit * 4, codes, values, stats);
      return ({ src, start, unit, rows, cols, codes, values, stats }) =>
        kernel.stochasticRows(
          ...([src, rows, cols, area + unit * 4, seed, row * width + start] as const),
          ...([codes, values, stats] as const),
        );
    }
    case 'float': {
      const { mantissaBits, minExponent, max, bits } = quantizer.format;
      floats(quantizer.scales);
      return ({ src, unit, rows, cols, codes, codeBytes, values, stats }) =>
        kernel.floatRows(
          ...([src, rows, cols, area + unit * 4, mantissaBits, minExponent, max, 2 ** (bits - 1)] as const),
          ...([codes, codeBytes, values, stats] as const),
        );
    }
    case 'table':
      floats(quantizer.scales);
      return bindTable(kernel, workspace, block, quantizer, area, second, units);
  }
}

/** One table for all, or those of the block's units, with their thresholds behind them. */
function bindTable(
  kernel: Kernel,
  { memory }: KernelWorkspace,
  { row }: Block,
  { entries, thresholds, count, groups }: TableQuantizer,
  scales: number,
  table: number,
  units: number,
): (call: Call) => void {
  const shared = entries.length === count;
  const first = shared ? 0 : row * groups.perRow * count;
  const length = shared ? count : units * count;
  const edges = table + length * 4;
  memory.float32(table, length).set(entries.subarray(first, first + length));
  memory.float32(edges, length).set(thresholds.subarray(first, first + length));
  const stride = shared ? 0 : count;
  return ({ src, unit, rows, cols, codes, values, stats }) => {
    const offset = unit * stride * 4;
    kernel.tableRows(
      ...([src, rows, cols, scales + unit * 4, edges + offset, table + offset, count, stride] as const),
      ...([codes, values, stats] as const),
    );
  };
}

function tableBytes(quantizer: Quantizer, units: number): number {
  if (quantizer.kind !== 'table') return 0;
  const { count, entries } = quantizer;
  return 8 * (entries.length === count ? count : count * units);
}

/** Each unit of the block gets its group's number: its own, or the one that there is for the tensor. */
function spread<T extends Float32Array | Int32Array>(
  target: T,
  source: T,
  { row }: Block,
  { groups: { perRow } }: Quantizer,
): void {
  if (perRow === 0) target.fill(source[0]!);
  else target.set(source.subarray(row * perRow, row * perRow + target.length));
}

/** Each part of the block's vectors goes to the nearest entry of its codebook; weights that fill up the last vector are zeros. */
function applyVectors(
  workspace: KernelWorkspace,
  block: Block,
  { dimension, parts, entries, codebooks }: VectorQuantizer,
  { codes, values, stats }: Results,
): void {
  const { kernel, memory } = workspace;
  const { rows, cols, pointer } = block;
  const size = dimension / parts;
  const count = vectorsIn(block, dimension);
  const [codeArea, valueArea] = [codes || workspace.spare.codes, values || workspace.spare.values];
  const book = workspace.reserveScratch(entries * size * 4);
  for (let part = 0; part < parts; part++) {
    const offset = part * size * 4;
    memory
      .float32(book, entries * size)
      .set(codebooks.subarray(part * entries * size).subarray(0, entries * size));
    kernel.nearestEntries(
      ...([pointer + offset, count, dimension, size, book, entries] as const),
      ...([codeArea + part, parts, 0, 0] as const),
    );
    kernel.entriesOf(codeArea + part, parts, count, dimension, size, book, valueArea + offset);
  }
  kernel.errorRows(pointer, valueArea, rows, cols, stats);
}

/**
 * Vectors in a block.
 * @throws UserError if the block ends within one and is not the last: only where a single channel has millions of weights
 */
export function vectorsIn({ row, rows, cols }: Block, dimension: number): number {
  if ((row * cols) % dimension !== 0)
    throw new UserError(`A channel of ${cols} weights is too long to be cut into vectors of ${dimension}.`);
  return Math.ceil((rows * cols) / dimension);
}
