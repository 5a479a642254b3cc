export function histogram(src: usize, count: i32, lo: f32, hi: f32, bins: i32, counts: usize): void {
  const perUnit = <f32>bins / (hi - lo);
  const low = f32x4.splat(lo), k = f32x4.splat(perUnit), first = i32x4.splat(0), last = i32x4.splat(bins - 1);
  let i = 0;
  for (; i <= count - 4; i += 4, src += 16) {
    const bin = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(v128.load(src), low), k));
    const kept = i32x4.max_s(first, i32x4.min_s(last, bin));
    increment(counts, i32x4.extract_lane(kept, 0));
    increment(counts, i32x4.extract_lane(kept, 1));
    increment(counts, i32x4.extract_lane(kept, 2));
    increment(counts, i32x4.extract_lane(kept, 3));
  }
  for (; i < count; i++, src += 4) {
    const bin = (load<f32>(src) - lo) * perUnit;
    // Comparisons that NaN fails, so that it counts as the first bin, as in the vectors.
    increment(counts, bin > 0 ? (bin < <f32>bins ? <i32>bin : bins - 1) : 0);
  }
}

// @ts-ignore: decorator
@inline
function increment(counts: usize, bin: i32): void {
  const place = counts + (<usize>bin << 2);
  store<u32>(place, load<u32>(place) + 1);
}
