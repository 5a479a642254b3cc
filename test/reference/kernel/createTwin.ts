import type { Kernel } from '../../../src/kernel/Kernel';
import { addOuterProducts } from '../../../src/quant/moments/addOuterProducts';
import { factorize } from '../../../src/quant/rounding/factorize';
import { entriesOf, nearestEntries } from './codebook';
import { bfloatToFloat, doubleToFloat, halfToFloat } from './convert';
import { channelMajor, histogram, maxAbsDifference, tallyCodes } from './elements';
import { quadraticForms } from './forms';
import { measureRows } from './measureRows';
import { minifloatRow } from './minifloat';
import { quantizeRows } from './quantizeRows';
import { rangeRows } from './rangeRows';
import { roundPanel, unitsIn } from './roundPanel';
import { affineRow, binaryRow, logRow } from './schemes';
import { keyOf, stochasticRow } from './stochastic';
import { tableRow } from './table';

/** A codebook has one entry for each value of a byte at most. */
const MAX_ENTRIES = 256;

/** Elements from the first of `count` blocks, `stride` apart, to the last of `size`: strides may leave room after the last. */
function span(count: number, stride: number, size: number): number {
  return count === 0 ? 0 : (count - 1) * stride + size;
}

/**
 * The kernel in plain TypeScript, on the same memory and to the same bits: what the SIMD loops are tested and measured
 * against, and their readable description.
 */
export function createTwin(memory: WebAssembly.Memory): Kernel {
  const bytes = (pointer: number, length: number) => new Uint8Array(memory.buffer, pointer, length);
  const floats = (pointer: number, length: number) => new Float32Array(memory.buffer, pointer, length);
  const integers = (pointer: number, length: number) => new Int32Array(memory.buffer, pointer, length);
  const counters = (pointer: number, length: number) => new Uint32Array(memory.buffer, pointer, length);
  const totals = (pointer: number, length: number) => new Float64Array(memory.buffer, pointer, length);
  /** Bytes that typed arrays can view: copied where they do not begin at a multiple of the element's size, as those need. */
  const source = (pointer: number, bytes: number, size: number): [ArrayBuffer, number] =>
    pointer % size === 0 ? [memory.buffer, pointer] : [memory.buffer.slice(pointer, pointer + bytes), 0];
  const halves = (pointer: number, length: number) =>
    new Uint16Array(...source(pointer, length * 2, 2), length);
  const doubles = (pointer: number, length: number) =>
    new Float64Array(...source(pointer, length * 8, 8), length);
  return {
    rangeRows: (src, rows, cols, stats) => rangeRows(memory, src, rows, cols, stats),
    affineRows(src, rows, cols, scales, zeroPoints, qmin, qmax, codes, codeBytes, values, stats) {
      const scale = floats(scales, rows);
      const zeroPoint = integers(zeroPoints, rows);
      quantizeRows(memory, { src, rows, cols, codes, codeBytes, values, stats }, (r, row) =>
        affineRow(row, scale[r]!, zeroPoint[r]!, qmin, qmax),
      );
    },
    logRows(src, rows, cols, exponents, count, negative, codes, values, stats) {
      const exponent = integers(exponents, rows);
      quantizeRows(memory, { src, rows, cols, codes, codeBytes: 1, values, stats }, (r, row) =>
        logRow(row, exponent[r]!, count, negative),
      );
    },
    floatRows(
      ...[src, rows, cols, scales, mantissaBits, minExponent, max, signBit, codes, codeBytes, values, stats]
    ) {
      const scale = floats(scales, rows);
      const format = { mantissaBits, minExponent, max, signBit };
      quantizeRows(memory, { src, rows, cols, codes, codeBytes, values, stats }, (r, row) =>
        minifloatRow(row, scale[r]!, format),
      );
    },
    tableRows(src, rows, cols, scales, thresholds, entries, count, stride, codes, values, stats) {
      const scale = floats(scales, rows);
      const threshold = floats(thresholds, span(rows, stride, count - 1));
      const entry = floats(entries, span(rows, stride, count));
      quantizeRows(memory, { src, rows, cols, codes, codeBytes: 1, values, stats }, (r, row) =>
        tableRow(row, scale[r]!, threshold, entry, r * stride, count),
      );
    },
    stochasticRows(src, rows, cols, scales, seed, first, codes, values, stats) {
      const scale = floats(scales, rows);
      const key = keyOf(seed);
      quantizeRows(memory, { src, rows, cols, codes, codeBytes: 1, values, stats }, (r, row) =>
        stochasticRow(row, scale[r]!, key, first + r * cols),
      );
    },
    binaryRows(src, rows, cols, scales, codes, values, stats) {
      const scale = floats(scales, rows);
      quantizeRows(memory, { src, rows, cols, codes, codeBytes: 1, values, stats }, (r, row) =>
        binaryRow(row, scale[r]!),
      );
    },
    errorRows: (src, values, rows, cols, stats) =>
      measureRows(floats(src, rows * cols), floats(values, rows * cols), rows, cols, totals(stats, rows * 3)),
    nearestEntries(src, count, stride, dimension, codebook, entries, codes, codeStride, sums, counts) {
      const numbers = floats(src, span(count, stride, dimension));
      const book = floats(codebook, entries * dimension);
      const strided = { codes: bytes(codes, span(count, codeStride, 1)), codeStride };
      const wanted = sums
        ? { sums: totals(sums, entries * dimension), counts: counters(counts, entries) }
        : null;
      return nearestEntries({ numbers, count, stride, dimension }, book, strided, wanted);
    },
    entriesOf(codes, codeStride, count, stride, dimension, codebook, dst) {
      const strided = { codes: bytes(codes, span(count, codeStride, 1)), codeStride };
      const book = integers(codebook, MAX_ENTRIES * dimension);
      entriesOf(strided, count, stride, dimension, book, integers(dst, span(count, stride, dimension)));
    },
    tallyCodes(codes, codeBytes, src, count, counts, sums) {
      const [coded, kinds] =
        codeBytes === 1 ? [bytes(codes, count), 256] : [new Uint16Array(memory.buffer, codes, count), 65_536];
      tallyCodes(coded, floats(src, count), counters(counts, kinds), sums ? totals(sums, kinds) : null);
    },
    histogram: (src, count, lo, hi, bins, counts) =>
      histogram(floats(src, count), lo, hi, counters(counts, bins)),
    maxAbsDifference: (a, b, count) => maxAbsDifference(floats(a, count), floats(b, count)),
    quadraticForms(src, rows, stride, count, sums, sumStride, results) {
      const matrix = doubles(sums, span(count, sumStride, count));
      const shape = { rows, stride, count };
      quadraticForms(floats(src, span(rows, stride, count)), shape, matrix, sumStride, totals(results, rows));
    },
    addOuterProducts(vectors, count, inputs, group, block, weight, sums) {
      const numbers = floats(vectors, count * inputs);
      addOuterProducts(numbers, count, inputs, group, block, weight, totals(sums, inputs * block));
    },
    factorize: (matrix, count) => (factorize(totals(matrix, count * count), count) ? 1 : 0),
    roundToSteps(targets, values, errors, rows, count, shares, units, scales, lowest, highest) {
      const unit = integers(units, count);
      const scale = floats(scales, unitsIn(unit) * rows);
      const numbers = {
        kind: 'steps',
        lowest: floats(lowest, scale.length),
        highest: floats(highest, scale.length),
      } as const;
      const panel = [targets, values, errors].map((pointer) => floats(pointer, count * rows));
      roundPanel(panel, rows, floats(shares, count * count), { units: unit, scales: scale, numbers });
    },
    roundToTable(
      ...[targets, values, errors, rows, count, shares, units, scales, levels, thresholds, levelCount, stride]
    ) {
      const unit = integers(units, count);
      const scale = floats(scales, unitsIn(unit) * rows);
      const length = stride === 0 ? levelCount : scale.length * stride;
      const tables = { levels: floats(levels, length), thresholds: floats(thresholds, length) };
      const numbers = { kind: 'table', ...tables, count: levelCount } as const;
      const panel = [targets, values, errors].map((pointer) => floats(pointer, count * rows));
      roundPanel(panel, rows, floats(shares, count * count), { units: unit, scales: scale, numbers });
    },
    channelMajor(src, dst, outer, channels, inner) {
      const count = outer * channels * inner;
      channelMajor(integers(src, count), integers(dst, count), outer, channels, inner);
    },
    halfToFloat: (src, dst, count) => halfToFloat(halves(src, count), integers(dst, count)),
    bfloatToFloat: (src, dst, count) => bfloatToFloat(halves(src, count), integers(dst, count)),
    doubleToFloat: (src, dst, count) => doubleToFloat(doubles(src, count), floats(dst, count)),
  };
}
