import type { Kernel } from '../Kernel';
import { bfloatToFloat, doubleToFloat, halfToFloat } from './convert';
import { channelMajor, histogram, maxAbsDifference } from './elements';
import { quantizeRows } from './quantizeRows';
import { rangeRows } from './rangeRows';
import { affineRow, binaryRow, logRow } from './schemes';

/**
 * The kernel in plain TypeScript, on the same memory and to the same bits: what the SIMD loops are tested and measured
 * against, and their readable description.
 */
export function createTwin(memory: WebAssembly.Memory): Kernel {
  const floats = (pointer: number, length: number) => new Float32Array(memory.buffer, pointer, length);
  const integers = (pointer: number, length: number) => new Int32Array(memory.buffer, pointer, length);
  /** Bytes that typed arrays can view: copied where they do not begin at a multiple of the element's size, as those need. */
  const source = (pointer: number, bytes: number, size: number): [ArrayBuffer, number] =>
    pointer % size === 0 ? [memory.buffer, pointer] : [memory.buffer.slice(pointer, pointer + bytes), 0];
  const halves = (pointer: number, length: number) =>
    new Uint16Array(...source(pointer, length * 2, 2), length);
  const doubles = (pointer: number, length: number) =>
    new Float64Array(...source(pointer, length * 8, 8), length);
  return {
    rangeRows: (src, rows, cols, stats) => rangeRows(memory, src, rows, cols, stats),
    affineRows(src, rows, cols, scales, zeroPoints, qmin, qmax, codes, values, stats) {
      const scale = floats(scales, rows);
      const zeroPoint = integers(zeroPoints, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r, row, rowValues, rowCodes) =>
        affineRow(row, rowValues, rowCodes, scale[r]!, zeroPoint[r]!, qmin, qmax),
      );
    },
    logRows(src, rows, cols, exponents, count, codes, values, stats) {
      const exponent = integers(exponents, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r, row, rowValues, rowCodes) =>
        logRow(row, rowValues, rowCodes, exponent[r]!, count),
      );
    },
    binaryRows(src, rows, cols, scales, codes, values, stats) {
      const scale = floats(scales, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r, row, rowValues, rowCodes) =>
        binaryRow(row, rowValues, rowCodes, scale[r]!),
      );
    },
    histogram: (src, count, lo, hi, bins, counts) =>
      histogram(floats(src, count), lo, hi, new Uint32Array(memory.buffer, counts, bins)),
    maxAbsDifference: (a, b, count) => maxAbsDifference(floats(a, count), floats(b, count)),
    channelMajor(src, dst, outer, channels, inner) {
      const count = outer * channels * inner;
      channelMajor(integers(src, count), integers(dst, count), outer, channels, inner);
    },
    halfToFloat: (src, dst, count) => halfToFloat(halves(src, count), integers(dst, count)),
    bfloatToFloat: (src, dst, count) => bfloatToFloat(halves(src, count), integers(dst, count)),
    doubleToFloat: (src, dst, count) => doubleToFloat(doubles(src, count), floats(dst, count)),
  };
}
