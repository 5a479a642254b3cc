/**
 * The loops over weights, on raw memory. Both implementations, SIMD Wasm and the plain TypeScript twin, give the same bits.
 *
 * **Pointers** are byte offsets into the kernel's memory, aligned to the element (what the `ToFloat` conversions read may
 * lie anywhere); rows lie one after the other as float32. A pointer 0 for `codes` or `values` means that they are not wanted.
 *
 * **Sums** have a fixed order: in a row's whole groups of 16, the float32 term of element i is added to the float32 lane
 * i & 15; after every 1,024 elements, and after the last whole group, the lanes are added in order to a float64 number, and
 * that to the row's float64 total; the terms of the rest of the row are added to the total one by one. Terms are squared in
 * float32, so weights beyond about 1.8e19 give an infinite sum and those below about 1e-23 none.
 *
 * **Statistics** are float64: `rangeRows` writes 4 per row (least, greatest, sum of magnitudes, sum of squares), the
 * quantizing loops 3 per row (sum of squared errors, sum of squared quantized values, largest absolute error). A NaN weight
 * makes the sum of squared errors NaN and is passed over for the largest error. An empty row has the least +infinity, the
 * greatest -infinity, and sums of 0. Zeros in statistics are +0.
 */
export interface Kernel {
  /** Returns 1 if any element is NaN or infinite (statistics are then of little use), else 0. */
  rangeRows(src: number, rows: number, cols: number, stats: number): number;
  /**
   * ONNX QuantizeLinear then DequantizeLinear: clamp(roundHalfEven(x / scale) + zeroPoint), dividing as float32. Per row, scales
   * are float32 > 0, zero points int32 from qmin to qmax; all of these integers are below 2^22 in size. Codes are the low
   * 8 bits. NaN gets the zero point, so its value is 0; infinities get qmax and qmin. A value of zero is +0.
   */
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
   * (int32, e - count + 1 >= -126, e <= 127). Codes: 0 for zero, count - j for +2^(e-j), 8 + count - j for -2^(e-j); count is 1 to 7.
   * Below half the least level there is zero, which is +0; NaN is zero too. Infinities get the largest level.
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
  /** -scale for x < 0, +scale else (also for -0 and NaN). Code 1 for +, 0 for -. Scales float32 >= 0 per row. */
  binaryRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * Adds to `counts` (uint32 x bins): bin min(bins - 1, floor((x - lo) * (bins / (hi - lo)))), each step in float32; below lo
   * and NaN in the first bin. hi > lo.
   */
  histogram(src: number, count: number, lo: number, hi: number, bins: number, counts: number): void;
  /** Largest |a[i] - b[i]| in float32, 0 for count 0; NaN differences are passed over. */
  maxAbsDifference(a: number, b: number, count: number): number;
  /** dst[c][o][i] = src[o][c][i], float32. The two must not overlap. */
  channelMajor(src: number, dst: number, outer: number, channels: number, inner: number): void;
  /** IEEE binary16 to float32, also subnormals, infinities and NaN. */
  halfToFloat(src: number, dst: number, count: number): void;
  /** bfloat16, the upper half of a float32, to float32. */
  bfloatToFloat(src: number, dst: number, count: number): void;
  /** float64 to the nearest float32, ties to even. */
  doubleToFloat(src: number, dst: number, count: number): void;
}
