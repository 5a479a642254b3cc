/**
 * The loops over weights, on raw memory. Both implementations, SIMD Wasm and the plain TypeScript twin, give the same bits.
 *
 * **Pointers** are byte offsets into the kernel's memory, aligned to the element (what the `ToFloat` conversions read may
 * lie anywhere); rows lie one after the other as float32. A pointer 0 for `codes` or `values` means that they are not wanted. A code is
 * a byte unless `codeBytes` says that it is two.
 *
 * **Sums** have a fixed order: in a row's whole groups of 16, the float32 term of element i is added to the float32 lane
 * i & 15; after every 1,024 elements, and after the last whole group, the lanes are added up as float32, (i + (i + 4)) + ((i + 8) + (i + 12)) for
 * i = 0 .. 3, then these four in order to a float64 number, and
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
   * are float32 and not 0, zero points int32 from qmin to qmax; all of these integers are below 2^22 in size. Codes are the low
   * 8 or 16 bits. NaN gets the zero point, so its value is 0; infinities get qmax and qmin, with a negative scale the other way
   * round. A value of zero has the sign of its scale, as DequantizeLinear computes it.
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
    codeBytes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * Sign, zero and `count` powers of two, the nearest by value, a tie to the larger magnitude. Row r has the levels 2^(e-j), j in 0..count-1, e = exponents[r]
   * (int32, e - count + 1 >= -126, e <= 127). Codes: 0 for zero, count - j for +2^(e-j), `negative` + count - j for -2^(e-j); `negative` is a power of two
   * from 2 to 128, and count below it. Below half the least level there is zero, which is +0; NaN is zero too. Infinities get the largest level.
   */
  logRows(
    src: number,
    rows: number,
    cols: number,
    exponents: number,
    count: number,
    negative: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * Floating-point numbers of few bits (see `shared/Minifloat`) times a scale: the number nearest to y = x / scale (divided as float32), ties to even, beyond `max` the greatest.
   * Numbers have `mantissaBits` (1 to 10) and a least normal exponent `minExponent` (at least -126, with minExponent - mantissaBits >= -149), subnormals below. `max` is the greatest finite number, float32.
   * Scales float32 > 0 per row. The value is number * scale as float32; zero is +0, and NaN becomes zero. Codes: the
   * number's bits, `signBit` (a power of two) for negative ones, 0 for both zeros.
   */
  floatRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    mantissaBits: number,
    minExponent: number,
    max: number,
    signBit: number,
    codes: number,
    codeBytes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * Levels from a table: the code is how many of the `count - 1` ascending thresholds are at or below y = x / scale (divided as float32), the value is
   * entries[code] * scale as float32, a zero is +0. Thresholds and entries are float32, `stride` numbers from one row's table to the next for both (0 if all rows share one;
   * the thresholds' last number of a row is not read). count is 2 to 256. Scales float32 > 0 per row. NaN gets code 0.
   */
  tableRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    thresholds: number,
    entries: number,
    count: number,
    stride: number,
    codes: number,
    values: number,
    stats: number,
  ): void;
  /**
   * +-scale by chance: + with the probability clamp((x / scale + 1) / 2, 0, 1) (BinaryConnect, equation 2). The chance of element i of row r is a number
   * from 0 (included) to 1 (excluded) with 24 bits, the upper ones of a hash of `first` + r * cols + i (modulo 2^32) and `seed`, and the same on every machine. + if it is below the probability. Codes as
   * `binaryRows`; NaN gets -.
   */
  stochasticRows(
    src: number,
    rows: number,
    cols: number,
    scales: number,
    seed: number,
    first: number,
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
  /** The statistics of the quantizing loops for values that are there already. */
  errorRows(src: number, values: number, rows: number, cols: number, stats: number): void;
  /**
   * For each of `count` vectors of `dimension` (1 to 8) float32 numbers, `stride` numbers from one to the next, the entry of the codebook (float32 [entries][dimension], 1 to 256
   * entries) of least squared distance, the first of equal ones; its number goes to `codes` (bytes, `codeStride` from one to the next). A distance is summed over the dimensions in order, as float32. Adds each vector to
   * the sums of its entry (float64 [entries][dimension]) and counts it (uint32 [entries]); neither is cleared before. `sums` 0: neither is wanted.
   * @returns the squared distances added up in float64, in order
   */
  nearestEntries(
    src: number,
    count: number,
    stride: number,
    dimension: number,
    codebook: number,
    entries: number,
    codes: number,
    codeStride: number,
    sums: number,
    counts: number,
  ): number;
  /** The inverse: writes entry codes[i * codeStride] to dst + i * stride * 4. */
  entriesOf(
    codes: number,
    codeStride: number,
    count: number,
    stride: number,
    dimension: number,
    codebook: number,
    dst: number,
  ): void;
  /**
   * Counts codes (`codeBytes` each) in `counts` (uint32, 256 or 65,536), and adds the weight beside each to `sums` (float64, as many), in order; `sums` 0: not
   * wanted. Neither is cleared before.
   */
  tallyCodes(
    codes: number,
    codeBytes: number,
    src: number,
    count: number,
    counts: number,
    sums: number,
  ): void;
  /**
   * Adds to `counts` (uint32 x bins): bin min(bins - 1, floor((x - lo) * (bins / (hi - lo)))), each step in float32; below lo
   * and NaN in the first bin. hi > lo.
   */
  histogram(src: number, count: number, lo: number, hi: number, bins: number, counts: number): void;
  /** Largest |a[i] - b[i]| in float32, 0 for count 0; NaN differences are passed over. */
  maxAbsDifference(a: number, b: number, count: number): number;
  /**
   * Adds d S d to the float64 total of each row d of `count` numbers (float32, rows `stride` numbers apart). S is symmetric (float64, rows `sumStride` numbers apart); of it the
   * elements on and right of the diagonal are read. Added one by one, for each i in order but those of d[i] = 0: d[i] * (S[i][i] * d[i] + 2 * t), t being the sum of S[i][j] * d[j] for
   * j > i: in whole groups of four, the k-th such term is added to lane k & 3; then (0 + 2) + (1 + 3), then the rest one by one.
   */
  quadraticForms(
    src: number,
    rows: number,
    stride: number,
    count: number,
    sums: number,
    sumStride: number,
    totals: number,
  ): void;
  /**
   * Adds weight * x xT of `count` vectors (float32, `inputs` numbers each) to `sums` (float64 [inputs][block]), of which row i has the products of x[i] with the elements of its block, from itself on. A
   * block begins anew after every `block` inputs, and after every `group`. Products are exact; those of one pair are added up in order before they are weighted.
   * @param scratch room for 16 float64 numbers, and `count` for each input of a block and up to three more
   */
  addOuterProducts(
    vectors: number,
    count: number,
    inputs: number,
    group: number,
    block: number,
    weight: number,
    sums: number,
    scratch: number,
  ): void;
  /**
   * Factorizes the symmetric matrix A (float64 [count][count], of which the upper triangle is read) in place: A = VT P V. P goes to its diagonal, V, whose diagonal is ones, to what is right of it. From each element the
   * shares of the rows above are subtracted one by one, in order.
   * @param scratch room for 128 float64 numbers for each column and up to three more
   * @returns 0 if a pivot is not positive, with the matrix in an undefined state; else 1
   */
  factorize(matrix: number, count: number, scratch: number): number;
  /**
   * Rounds weights from the last position to the first with feedback of their errors. `targets`, `values` and `errors` are float32 [count][rows], `rows` a multiple of four; all
   * three are written, `targets` holds the weights before. The target of a weight is itself and shares[j][k] * error at k (float32 [count][count], right of the diagonal) for k from count - 1 to j + 1, added one by one. Its value is
   * the nearest whole number (ties to even, divided as float32) from `lowest` to `highest` times the scale; these are float32 [units][rows], of which position j has the row units[j] (int32). The error is the weight less
   * the value.
   */
  roundToSteps(
    targets: number,
    values: number,
    errors: number,
    rows: number,
    count: number,
    shares: number,
    units: number,
    scales: number,
    lowest: number,
    highest: number,
  ): void;
  /**
   * The same with levels from a table, as `tableRows` finds them: `levelCount` of them, in one table for all (`stride` 0) or in one for each unit and row (`stride` is `levelCount`).
   */
  roundToTable(
    targets: number,
    values: number,
    errors: number,
    rows: number,
    count: number,
    shares: number,
    units: number,
    scales: number,
    levels: number,
    thresholds: number,
    levelCount: number,
    stride: number,
  ): void;
  /** dst[c][o][i] = src[o][c][i], float32. The two must not overlap. */
  channelMajor(src: number, dst: number, outer: number, channels: number, inner: number): void;
  /** IEEE binary16 to float32, also subnormals, infinities and NaN. */
  halfToFloat(src: number, dst: number, count: number): void;
  /** bfloat16, the upper half of a float32, to float32. */
  bfloatToFloat(src: number, dst: number, count: number): void;
  /** float64 to the nearest float32, ties to even. */
  doubleToFloat(src: number, dst: number, count: number): void;
}
