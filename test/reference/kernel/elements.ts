/** Single passes over the memory that do not work by rows. */

/** See `Kernel.histogram`. */
export function histogram(weights: Float32Array, lo: number, hi: number, counts: Uint32Array): void {
  const low = Math.fround(lo);
  const last = counts.length - 1;
  const perUnit = Math.fround(counts.length / Math.fround(Math.fround(hi) - low));
  for (let i = 0; i < weights.length; i++) {
    const bin = Math.fround(Math.fround(weights[i]! - low) * perUnit);
    // A comparison that NaN fails.
    counts[bin > 0 ? Math.min(last, Math.floor(bin)) : 0]!++;
  }
}

/** See `Kernel.tallyCodes`; without sums, there need be no weights. */
export function tallyCodes(
  codes: Uint8Array | Uint16Array,
  weights: Float32Array,
  counts: Uint32Array,
  sums: Float64Array | null,
): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    counts[code]!++;
    if (sums) sums[code]! += weights[i]!;
  }
}

/** See `Kernel.maxAbsDifference`. */
export function maxAbsDifference(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(Math.fround(a[i]! - b[i]!));
    if (difference > most) most = difference;
  }
  return most;
}

/** See `Kernel.channelMajor`; by integers, which keep every bit of a NaN. */
export function channelMajor(
  source: Int32Array,
  target: Int32Array,
  outer: number,
  channels: number,
  inner: number,
): void {
  for (let o = 0, from = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      const to = (c * outer + o) * inner;
      for (let i = 0; i < inner; i++) target[to + i] = source[from++]!;
    }
  }
}
