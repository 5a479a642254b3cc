import type { Kernel } from '../kernel/Kernel';
import { KernelMemory } from '../kernel/KernelMemory';
import { groupCount, type Quantizer } from '../quant/Quantizer';
import { UserError } from '../shared/UserError';
import { ELEMENT_BYTES, type Weight } from './Weight';

/** Binds a kernel to a memory. */
export type LoadKernel = (memory: WebAssembly.Memory) => Promise<Kernel>;

/** Weights per block: 1 MiB of float32 stays in the cache through all schemes. */
const BLOCK_WEIGHTS = 2 ** 18;
/** Rows are never split; with this many weights all areas still fit the 4 GiB of a Wasm memory. */
const LONGEST_ROW = 2 ** 27;
const RANGE_STATS = 4;
const ERROR_STATS = 3;

/** Some whole rows of a weight matrix (output channels x weights of a channel). */
export interface Block {
  /** Index of the first row. */
  readonly row: number;
  readonly rows: number;
  readonly cols: number;
}

/**
 * The kernel's memory laid out for one layer at a time. Weights pass through it in blocks of rows, whatever their order
 * and type in the file. A job that pauses needs a workbench of its own.
 */
export class Workbench {
  private areas = { raw: 0, floats: 0, weights: 0, values: 0, codes: 0, scales: 0, zeroPoints: 0, stats: 0 };

  private constructor(
    readonly kernel: Kernel,
    private readonly memory: KernelMemory,
  ) {}

  static async create(loadKernel: LoadKernel): Promise<Workbench> {
    const memory = new KernelMemory();
    return new Workbench(await loadKernel(memory.memory), memory);
  }

  /**
   * Brings the weights into memory, block after block; each block is valid until the next one is asked for.
   * @throws UserError if a channel is too large to be held at once
   */
  *blocks(weight: Weight): Generator<Block> {
    const { outer, channels, inner } = weight.layout;
    const cols = outer * inner;
    if (cols > LONGEST_ROW)
      throw new UserError(`A channel of ${cols} weights is more than Quantscope can quantize at once.`);
    const rowsPerBlock = Math.min(channels, Math.max(1, Math.floor(BLOCK_WEIGHTS / Math.max(1, cols))));
    this.arrange(rowsPerBlock, cols, ELEMENT_BYTES[weight.elementType]);
    const bytes = weight.bytes();
    for (let row = 0; row < channels; row += rowsPerBlock) {
      const rows = Math.min(rowsPerBlock, channels - row);
      this.copyRows(weight, bytes, row, rows);
      yield { row, rows, cols };
    }
  }

  /**
   * Least, greatest, sum of magnitudes and sum of squares of each row of the block, 4 float64 per row; null if a weight is
   * NaN or infinite.
   */
  range({ rows, cols }: Block): Float64Array | null {
    const { weights, stats } = this.areas;
    if (this.kernel.rangeRows(weights, rows, cols, stats) !== 0) return null;
    return this.memory.float64(stats, rows * RANGE_STATS);
  }

  /**
   * Quantizes the block; codes and quantized values stay in memory for `codes` and `values`.
   * @returns per row: sum of squared errors, sum of squared quantized values, largest absolute error
   */
  quantize(
    block: Block,
    quantizer: Quantizer,
    keep: { readonly codes?: boolean; readonly values?: boolean } = {},
  ): Float64Array {
    const { weights, stats, scales, zeroPoints } = this.areas;
    const { rows, cols } = block;
    const codes = keep.codes ? this.areas.codes : 0;
    const values = keep.values ? this.areas.values : 0;
    switch (quantizer.kind) {
      case 'affine': {
        const { qmin, qmax } = quantizer;
        spread(this.memory.float32(scales, rows), quantizer.scales, block);
        if (quantizer.zeroPoints) spread(this.memory.int32(zeroPoints, rows), quantizer.zeroPoints, block);
        else this.memory.int32(zeroPoints, rows).fill(0);
        this.kernel.affineRows(weights, rows, cols, scales, zeroPoints, qmin, qmax, codes, values, stats);
        break;
      }
      case 'log':
        spread(this.memory.int32(scales, rows), quantizer.exponents, block);
        this.kernel.logRows(weights, rows, cols, scales, quantizer.count, codes, values, stats);
        break;
      case 'binary':
        spread(this.memory.float32(scales, rows), quantizer.scales, block);
        this.kernel.binaryRows(weights, rows, cols, scales, codes, values, stats);
    }
    return this.memory.float64(stats, rows * ERROR_STATS);
  }

  /** The block's weights, row after row. The view ends with the next block. */
  weights({ rows, cols }: Block): Float32Array {
    return this.memory.float32(this.areas.weights, rows * cols);
  }

  /** The quantized values that `quantize` kept, row after row. */
  values({ rows, cols }: Block): Float32Array {
    return this.memory.float32(this.areas.values, rows * cols);
  }

  /** The codes that `quantize` kept, row after row. */
  codes({ rows, cols }: Block): Uint8Array {
    return this.memory.uint8(this.areas.codes, rows * cols);
  }

  /** Largest |weight - quantized value| of `count` weights of the block from `start`; after `quantize` kept values. */
  maxAbsError(start: number, count: number): number {
    const { weights, values } = this.areas;
    return this.kernel.maxAbsDifference(weights + start * 4, values + start * 4, count);
  }

  /** Adds `count` weights of the block from `start` to the histogram `counts`. */
  histogram(start: number, count: number, lo: number, hi: number, counts: Uint32Array): void {
    // The values' area is free while no quantized values are wanted, and holds more than any histogram.
    const bins = this.memory.uint32(this.areas.values, counts.length);
    bins.set(counts);
    this.kernel.histogram(this.areas.weights + start * 4, count, lo, hi, counts.length, this.areas.values);
    counts.set(this.memory.uint32(this.areas.values, counts.length));
  }

  private arrange(rows: number, cols: number, elementBytes: number): void {
    const count = Math.max(rows * cols, 4096);
    this.memory.reset();
    this.areas = {
      stats: this.memory.reserve(rows * RANGE_STATS * 8),
      scales: this.memory.reserve(rows * 4),
      zeroPoints: this.memory.reserve(rows * 4),
      weights: this.memory.reserve(count * 4),
      values: this.memory.reserve(count * 4),
      codes: this.memory.reserve(count),
      floats: this.memory.reserve(count * 4),
      raw: this.memory.reserve(count * elementBytes),
    };
  }

  /** Copies rows out of the tensor's order, and converts them to float32. */
  private copyRows({ elementType, layout }: Weight, bytes: Uint8Array, row: number, rows: number): void {
    const { outer, channels, inner } = layout;
    const { raw, floats, weights } = this.areas;
    const size = ELEMENT_BYTES[elementType];
    const run = rows * inner * size;
    const target = this.memory.uint8(raw, outer * run);
    for (let o = 0; o < outer; o++) {
      const start = (o * channels + row) * inner * size;
      target.set(bytes.subarray(start, start + run), o * run);
    }
    // With one outer index the rows are in order already, so that the conversion can write them where they belong.
    const converted = outer === 1 ? weights : floats;
    const count = outer * rows * inner;
    switch (elementType) {
      case 'float32':
        this.memory.uint8(converted, count * 4).set(target);
        break;
      case 'float16':
        this.kernel.halfToFloat(raw, converted, count);
        break;
      case 'bfloat16':
        this.kernel.bfloatToFloat(raw, converted, count);
        break;
      case 'float64':
        this.kernel.doubleToFloat(raw, converted, count);
    }
    if (outer > 1) this.kernel.channelMajor(converted, weights, outer, rows, inner);
  }
}

/** Each row of the block gets its own number, or all of them the one there is. */
function spread<T extends Float32Array | Int32Array>(target: T, source: T, { row }: Block): void {
  if (source.length === 1) target.fill(source[0]!);
  else target.set(source.subarray(row, row + target.length));
}

/** How many rows share a quantizer's numbers: with one group, all of them. */
export function groupOf(quantizer: Quantizer, row: number): number {
  return groupCount(quantizer) === 1 ? 0 : row;
}
