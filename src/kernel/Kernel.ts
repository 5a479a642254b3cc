/**
 * The loops over weights, on raw memory. Pointers are byte offsets into the kernel's memory, aligned to the element;
 * rows lie one after the other as float32. Both implementations, SIMD Wasm and the plain TypeScript twin, give the same bits,
 * as the order of sums is fixed: in a row's whole groups of 16, element i adds to lane i & 15 in float32; lanes are
 * added in order to a float64 total every 1,024 elements; the rest of the row is added to the total one by one.
 *
 * Statistics are float64: `rangeRows` writes 4 per row (least, greatest, sum of magnitudes, sum of squares), the quantizing
 * loops 3 per row (sum of squared errors, sum of squared quantized values, largest absolute error).
 * A pointer 0 for `codes` or `values` means that they are not wanted.
 */
export interface Kernel {
  /** Returns 1 if any element is NaN or infinite (statistics are then meaningless), else 0. */
  rangeRows(src: number, rows: number, cols: number, stats: number): number;
  /** ONNX QuantizeLinear then DequantizeLinear: clamp(roundHalfEven(x / scale) + zeroPoint). Scales float32 > 0, zero points int32, per row. Codes are the low 8 bits. NaN gets qmax. */
  affineRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    zeroPoints: number,
    qmin: number,
    qmax: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * Sign, zero and `count` powers of two, the nearest by value, a tie to the larger magnitude. Row r has the levels 2^(e-j), j in 0..count-1, e = exponents[r]
   * (int32, e - count + 1 >= -126, e <= 127). Codes: 0 for zero, count - j for +2^(e-j), 8 + count - j for -2^(e-j); count is 1 to 7. NaN gets the largest level.
   */
  logRows(
    src: number,
    rows: number,
    cols: number,
    exponents: number,
    count: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /** +scale for x >= 0 (also -0), -scale else. Code 1 for +, 0 for -. Scales float32 per row. */
  binaryRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /** Adds to `counts` (uint32 x bins): bin min(bins - 1, floor((x - lo) * bins / (hi - lo))) in float32; below lo and NaN in the first bin. hi > lo. */
  histogram(src: number, count: number, lo: number, hi: number, bins: number, counts: number): void;
  /** Largest |a[i] - b[i]|, 0 for count 0. */
  maxAbsDifference(a: number, b: number, count: number): number;
  /** dst[c][o][i] = src[o][c][i], float32. */
  channelMajor(src: number, dst: number, outer: number, channels: number, inner: number): void;
  /** IEEE binary16 to float32, also subnormals, infinities and NaN. */
  halfToFloat(src: number, dst: number, count: number): void;
  bfloatToFloat(src: number, dst: number, count: number): void;
  /** float64 to the nearest float32. */
  doubleToFloat(src: number, dst: number, count: number): void;
}
