import type { Kernel } from '../../kernel/Kernel';
import { KernelMemory } from '../../kernel/KernelMemory';
import { UserError } from '../../base/UserError';
import { loopOf } from './loops';
import { ERROR_STATS, unitsPerRow } from './errorStats';
import type { Block, KernelWorkspace } from './Block';
import { copyRows, detourBytes } from './copyRows';
import { readRows, type Panel } from './readRows';
import type { Quantizer } from '../../quant/Quantizer';
import { weightCount, type Weight } from './Weight';

/** Binds a kernel to a memory. */
export type LoadKernel = (memory: WebAssembly.Memory) => Promise<Kernel>;

/** Weights per block: 1 MiB of float32 stays in the cache through all steps. */
const BLOCK_WEIGHTS = 2 ** 18;
/** Rows are never split; with this many weights all areas still fit the 4 GiB of a Wasm memory. */
const MAX_ROW = 2 ** 27;
/** A weight of at most so many stays in memory as float32 while one pass follows the other; of larger ones, each pass brings the blocks anew. */
const MAX_RESIDENT = 2 ** 24;
/** The longest vector: blocks end where vectors do, and the last of all is filled up with zeros. */
const VECTOR = 8;
const RANGE_STATS = 4;

/** Where things are in the kernel's memory. */
export interface Areas {
  readonly raw: number;
  readonly floats: number;
  readonly weights: number;
  readonly values: number;
  readonly codes: number;
  readonly stats: number;
}

/**
 * The kernel's memory laid out for one weight at a time, which passes through it in blocks of rows, whatever its order
 * and type in the file. Jobs that pause need a workbench each.
 */
export class WeightKernel implements KernelWorkspace {
  private areas: Areas = { raw: 0, floats: 0, weights: 0, values: 0, codes: 0, stats: 0 };
  private scratch = { pointer: 0, bytes: 0 };
  private rowsPerBlock = 0;
  private held: Weight | null = null;
  /** How many blocks of `held` are in memory. */
  private blocksHeld = 0;

  private constructor(
    readonly kernel: Kernel,
    readonly memory: KernelMemory,
    /** For loops that need a memory of their own beside this one. */
    readonly loadKernel: LoadKernel,
  ) {}

  static async create(loadKernel: LoadKernel): Promise<WeightKernel> {
    const memory = new KernelMemory();
    return new WeightKernel(await loadKernel(memory.memory), memory, loadKernel);
  }

  /**
   * The weights, block after block; each block is valid until the next one is asked for.
   * @throws UserError if a channel is too large to be held at once, or the weight cannot be read
   */
  *blocks(weight: Weight): Generator<Block> {
    const { outer, channels, inner } = weight.layout;
    const cols = outer * inner;
    const resident = weightCount(weight) <= MAX_RESIDENT;
    if (this.held !== weight) this.arrange(weight, resident);
    const { rowsPerBlock } = this;
    let panel: Panel | null = null;
    for (let row = 0, index = 0; row < channels; row += rowsPerBlock, index++) {
      const rows = Math.min(rowsPerBlock, channels - row);
      const pointer = this.areas.weights + (resident ? row * cols * 4 : 0);
      if (index >= this.blocksHeld) {
        panel = readRows(weight, row, rows, panel);
        copyRows(this.kernel, this.memory, { ...this.areas, weights: pointer }, weight, panel, row, rows);
        if (row + rows === channels) this.memory.float32(pointer + rows * cols * 4, VECTOR).fill(0);
        if (resident) this.blocksHeld = index + 1;
      }
      yield { row, rows, cols, pointer };
    }
  }

  /**
   * Least, greatest, sum of magnitudes and sum of squares of so many runs of `cols` weights of the block, 4 float64 each; null if a weight is NaN or infinite.
   */
  range(pointer: number, rows: number, cols: number): Float64Array | null {
    const { stats } = this.areas;
    if (this.kernel.rangeRows(pointer, rows, cols, stats) !== 0) return null;
    return this.memory.float64(stats, rows * RANGE_STATS);
  }

  /**
   * Quantizes the block; codes and quantized values stay in memory for `codes` and `values`.
   * @returns per row, or per group where a row has several: sum of squared errors, sum of squared quantized values, largest absolute error
   */
  quantize(
    block: Block,
    quantizer: Quantizer,
    keep: { readonly codes?: boolean; readonly values?: boolean } = {},
  ): Float64Array {
    loopOf(quantizer).apply(this, block, quantizer, {
      codes: keep.codes ? this.areas.codes : 0,
      values: keep.values ? this.areas.values : 0,
      stats: this.areas.stats,
    });
    return this.memory.float64(this.areas.stats, block.rows * unitsPerRow(quantizer.groups) * ERROR_STATS);
  }

  /** The block's weights, row after row. The view ends with the next block. */
  weights({ rows, cols, pointer }: Block): Float32Array {
    return this.memory.float32(pointer, rows * cols);
  }

  /** The quantized values that `quantize` kept, row after row. */
  values({ rows, cols }: Block): Float32Array {
    return this.memory.float32(this.areas.values, rows * cols);
  }

  /** The codes that `quantize` kept, row after row; of vectors, vector after vector. */
  codes(block: Block, quantizer: Quantizer): Uint8Array | Uint16Array {
    const length = loopOf(quantizer).codeLength(quantizer, block.rows * block.cols);
    return quantizer.bits > 8
      ? this.memory.uint16(this.areas.codes, length)
      : this.memory.uint8(this.areas.codes, length);
  }

  /** Largest |weight - quantized value| of `count` weights of the block from `start`; after `quantize` kept values. */
  maxAbsError({ pointer }: Block, start: number, count: number): number {
    return this.kernel.maxAbsDifference(pointer + start * 4, this.areas.values + start * 4, count);
  }

  /** Adds `count` weights of the block from `start` to the histogram `counts`. */
  histogram(
    { pointer }: Block,
    start: number,
    count: number,
    lo: number,
    hi: number,
    counts: Uint32Array,
  ): void {
    const bins = this.reserveScratch(counts.byteLength);
    this.memory.uint32(bins, counts.length).set(counts);
    this.kernel.histogram(pointer + start * 4, count, lo, hi, counts.length, bins);
    counts.set(this.memory.uint32(bins, counts.length));
  }

  /**
   * Counts the codes that `quantize` kept of `count` weights of the block from `start`, and adds up the weights of each if `sums` are wanted.
   * @param counts as many as there are codes in 8 or 16 bits
   */
  tally(
    { pointer }: Block,
    quantizer: Quantizer,
    start: number,
    count: number,
    counts: Uint32Array,
    sums: Float64Array | null,
  ): void {
    const codeBytes = quantizer.bits > 8 ? 2 : 1;
    // The sums come first, as they must lie at multiples of 8.
    const sumArea = this.reserveScratch(counts.length * 12);
    const area = sumArea + counts.length * 8;
    this.memory.uint32(area, counts.length).set(counts);
    if (sums) this.memory.float64(sumArea, counts.length).set(sums);
    const codes = this.areas.codes + start * codeBytes;
    this.kernel.tallyCodes(codes, codeBytes, pointer + start * 4, count, area, sums ? sumArea : 0);
    counts.set(this.memory.uint32(area, counts.length));
    sums?.set(this.memory.float64(sumArea, counts.length));
  }

  /** Where codes and values go that nobody asked for, for loops that must write them. */
  get spare(): { readonly codes: number; readonly values: number } {
    return this.areas;
  }

  /** Room for parameters or results of one call; the next call may get the same. */
  reserveScratch(bytes: number): number {
    if (bytes > this.scratch.bytes) this.scratch = { pointer: this.memory.reserve(bytes), bytes };
    return this.scratch.pointer;
  }

  private arrange(weight: Weight, resident: boolean): void {
    const { channels, outer, inner } = weight.layout;
    const cols = outer * inner;
    if (cols > MAX_ROW)
      throw new UserError(`A channel of ${cols} weights is more than Quantscope can quantize at once.`);
    this.held = weight;
    this.blocksHeld = 0;
    this.rowsPerBlock = rowsInBlock(channels, cols);
    const count = Math.max(this.rowsPerBlock * cols, 1) + VECTOR;
    const kept = resident ? weightCount(weight) + VECTOR : count;
    const detour = detourBytes(weight, count);
    this.memory.reset();
    this.scratch = { pointer: 0, bytes: 0 };
    this.areas = {
      // At most one scale for every 16 weights or row.
      stats: this.memory.reserve((count / 16 + this.rowsPerBlock * 2) * RANGE_STATS * 8),
      weights: this.memory.reserve(kept * 4),
      values: this.memory.reserve(count * 4),
      codes: this.memory.reserve(count * 2),
      floats: this.memory.reserve(detour.floats),
      raw: this.memory.reserve(detour.raw),
    };
  }
}

/** A block that ends after a multiple of this many weights, ends where vectors of any length up to 8 do. */
const VECTOR_LENGTHS = 840;
/** Longer blocks than this are not made for the sake of vectors. */
const MAX_BLOCK = 2 ** 22;

function rowsInBlock(channels: number, cols: number): number {
  const fitting = Math.max(1, Math.floor(BLOCK_WEIGHTS / Math.max(1, cols)));
  const whole = VECTOR_LENGTHS / greatestCommonDivisor(VECTOR_LENGTHS, cols);
  const rows = whole * cols > MAX_BLOCK ? fitting : Math.ceil(fitting / whole) * whole;
  return Math.min(channels, rows);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
