export function histogram(src: usize, count: i32, lo: f32, hi: f32, bins: i32, counts: usize): void {
  const low = f32x4.splat(lo);
  const perUnit = f32x4.splat(<f32>bins / (hi - lo));
  const last = i32x4.splat(bins - 1);
  let i = 0;
  for (; i <= count - 8; i += 8, src += 32) {
    increment4(counts, binOf(v128.load(src), low, perUnit, last));
    increment4(counts, binOf(v128.load(src, 16), low, perUnit, last));
  }
  for (; i < count; i++, src += 4) {
    increment(counts, i32x4.extract_lane(binOf(v128.load32_splat(src), low, perUnit, last), 0));
  }
}

/** The saturating conversion takes NaN to bin 0 and infinities to the ends. */
function binOf(x: v128, low: v128, perUnit: v128, last: v128): v128 {
  const bin = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(x, low), perUnit));
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(last, bin));
}

/** Takes two bins out of the vector at a time: moves between vectors and whole numbers are what this loop waits for. */
function increment4(counts: usize, bins: v128): void {
  const ab = i64x2.extract_lane(bins, 0);
  const cd = i64x2.extract_lane(bins, 1);
  increment(counts, <i32>ab);
  increment(counts, <i32>(ab >> 32));
  increment(counts, <i32>cd);
  increment(counts, <i32>(cd >> 32));
}

function increment(counts: usize, bin: i32): void {
  const place = counts + ((<usize>bin) << 2);
  store<u32>(place, load<u32>(place) + 1);
}
