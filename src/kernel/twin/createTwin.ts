import type { Kernel } from '../Kernel';
import { affineRow, binaryRow, logRow } from './quantizeRow';
import { bfloatToFloat, doubleToFloat, halfToFloat } from './convert';
import { rangeRow } from './rangeRow';
import { quantizeRows } from './quantizeRows';

/**
 * The kernel in plain TypeScript, on the same memory and to the same bits: what the SIMD loops are tested and measured
 * against, and their readable description.
 */
export function createTwin(memory: WebAssembly.Memory): Kernel {
  const floats = (pointer: number, length: number) => new Float32Array(memory.buffer, pointer, length);
  const integers = (pointer: number, length: number) => new Int32Array(memory.buffer, pointer, length);
  return {
    rangeRows(src, rows, cols, stats) {
      let finite = true;
      for (let r = 0; r < rows; r++) {
        const result = new Float64Array(memory.buffer, stats + r * 32, 4);
        finite = rangeRow(floats(src + r * cols * 4, cols), result) && finite;
      }
      return finite ? 0 : 1;
    },
    affineRows(src, rows, cols, scales, zeroPoints, qmin, qmax, codes, values, stats) {
      const scale = floats(scales, rows);
      const zeroPoint = integers(zeroPoints, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r) =>
        affineRow(scale[r]!, zeroPoint[r]!, qmin, qmax),
      );
    },
    logRows(src, rows, cols, exponents, count, codes, values, stats) {
      const exponent = integers(exponents, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r) => logRow(exponent[r]!, count));
    },
    binaryRows(src, rows, cols, scales, codes, values, stats) {
      const scale = floats(scales, rows);
      quantizeRows(memory, { src, rows, cols, codes, values, stats }, (r) => binaryRow(scale[r]!));
    },
    histogram(src, count, lo, hi, bins, counts) {
      const low = Math.fround(lo);
      const perUnit = Math.fround(bins / Math.fround(Math.fround(hi) - low));
      const target = new Uint32Array(memory.buffer, counts, bins);
      for (const x of floats(src, count)) {
        const bin = Math.fround(Math.fround(x - low) * perUnit);
        target[bin > 0 ? Math.min(bins - 1, Math.floor(bin)) : 0]!++;
      }
    },
    maxAbsDifference(a, b, count) {
      const left = floats(a, count);
      const right = floats(b, count);
      let most = 0;
      for (let i = 0; i < count; i++) {
        const difference = Math.abs(Math.fround(left[i]! - right[i]!));
        if (difference > most) most = difference;
      }
      return most;
    },
    channelMajor(src, dst, outer, channels, inner) {
      const source = floats(src, outer * channels * inner);
      const target = floats(dst, outer * channels * inner);
      for (let o = 0; o < outer; o++)
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < inner; i++)
            target[(c * outer + o) * inner + i] = source[(o * channels + c) * inner + i]!;
    },
    halfToFloat: (src, dst, count) =>
      halfToFloat(new Uint16Array(memory.buffer, src, count), integers(dst, count)),
    bfloatToFloat: (src, dst, count) =>
      bfloatToFloat(new Uint16Array(memory.buffer, src, count), integers(dst, count)),
    doubleToFloat: (src, dst, count) =>
      doubleToFloat(new Float64Array(memory.buffer, src, count), floats(dst, count)),
  };
}
