import { largeTableLevel, smallTableLevel, tableValue } from './table';
import { scaled } from './scaled';

/** Positions that are rounded one by one before what they add to all others is computed as a product of matrices. */
const BLOCK: i32 = 32;
/** So few levels are found fastest by comparing with all thresholds. */
const FEW: i32 = 16;

/** See `Kernel.roundToSteps`. */
export function roundToSteps(
  targets: usize,
  values: usize,
  errors: usize,
  rows: i32,
  count: i32,
  shares: usize,
  units: usize,
  scales: usize,
  lowest: usize,
  highest: usize,
): void {
  const width = (<usize>rows) << 2;
  for (let end = count; end > 0;) {
    const first = (end - 1) & ~(BLOCK - 1);
    feedBack(targets, errors, rows, count, shares, first, end);
    for (let j = end - 1; j >= first; j--) {
      const at = <usize>j * width;
      const unit = <usize>load<i32>(units + ((<usize>j) << 2)) * width;
      for (let r: usize = 0; r < width; r += 16) {
        const scale = v128.load(scales + unit + r);
        const y = f32x4.div(v128.load(targets + at + r), scale);
        const most = f32x4.pmin(y, v128.load(highest + unit + r));
        const step = f32x4.nearest(f32x4.pmax(most, v128.load(lowest + unit + r)));
        // A zero has the sign of its scale.
        const value = f32x4.mul(f32x4.add(step, f32x4.splat(0)), scale);
        v128.store(values + at + r, value);
        v128.store(errors + at + r, f32x4.sub(v128.load(errors + at + r), value));
      }
      feedWithin(targets, errors + at, rows, count, shares, first, j);
    }
    end = first;
  }
}

/** See `Kernel.roundToTable`. */
export function roundToTable(
  targets: usize,
  values: usize,
  errors: usize,
  rows: i32,
  count: i32,
  shares: usize,
  units: usize,
  scales: usize,
  levels: usize,
  thresholds: usize,
  levelCount: i32,
  stride: i32,
): void {
  const width = (<usize>rows) << 2;
  for (let end = count; end > 0;) {
    const first = (end - 1) & ~(BLOCK - 1);
    feedBack(targets, errors, rows, count, shares, first, end);
    for (let j = end - 1; j >= first; j--) {
      const at = <usize>j * width;
      const unit = <usize>load<i32>(units + ((<usize>j) << 2)) * width;
      for (let r: usize = 0; r < width; r += 16) {
        const scale = v128.load(scales + unit + r);
        const x = v128.load(targets + at + r);
        const table = (unit + r) * stride;
        const value =
          stride == 0
            ? sharedLevel(x, scale, levels, thresholds, levelCount)
            : ownLevel(x, scale, levels + table, thresholds + table, levelCount);
        v128.store(values + at + r, value);
        v128.store(errors + at + r, f32x4.sub(v128.load(errors + at + r), value));
      }
      feedWithin(targets, errors + at, rows, count, shares, first, j);
    }
    end = first;
  }
}

function sharedLevel(x: v128, scale: v128, levels: usize, thresholds: usize, count: i32): v128 {
  const code =
    count <= FEW
      ? smallTableLevel(x, scale, count - 1, thresholds)
      : largeTableLevel(x, scale, count - 1, thresholds);
  return tableValue(code, scale, levels);
}

/** Each lane has a table of its own, one after the other. */
function ownLevel(x: v128, scale: v128, levels: usize, thresholds: usize, count: i32): v128 {
  const y = f32x4.div(x, scale);
  const step = (<usize>count) << 2;
  let level = v128.load32_zero(levels + passed(f32x4.extract_lane(y, 0), thresholds, count));
  const at1 = passed(f32x4.extract_lane(y, 1), thresholds + step, count);
  level = v128.load32_lane(levels + step + at1, level, 1);
  const at2 = passed(f32x4.extract_lane(y, 2), thresholds + 2 * step, count);
  level = v128.load32_lane(levels + 2 * step + at2, level, 2);
  const at3 = passed(f32x4.extract_lane(y, 3), thresholds + 3 * step, count);
  level = v128.load32_lane(levels + 3 * step + at3, level, 3);
  return scaled(level, scale);
}

/** Four times the number of a table's ascending thresholds, without the last, that are at or below y. */
function passed(y: f32, thresholds: usize, count: i32): usize {
  let at = thresholds;
  for (let left = count - 1; left > 0;) {
    const half = (left + 1) >> 1;
    const step = (<usize>half) << 2;
    at += step & (0 - <usize>(load<f32>(at + step - 4) <= y));
    left -= half;
  }
  return at - thresholds;
}

/**
 * Keeps the weights of positions `first` to `end - 1` in `errors`, and adds to their targets what the errors from `end` on make of them, from the last on.
 */
function feedBack(
  targets: usize,
  errors: usize,
  rows: i32,
  count: i32,
  shares: usize,
  first: i32,
  end: i32,
): void {
  const width = (<usize>rows) << 2;
  const stride = (<usize>count) << 2;
  memory.copy(errors + <usize>first * width, targets + <usize>first * width, <usize>(end - first) * width);
  const many = count - end;
  if (many == 0) return;
  const last = errors + <usize>count * width;
  let j = first;
  for (; j + 4 <= end; j += 4) {
    const to = targets + <usize>j * width;
    const from = shares + <usize>(j + 1) * stride;
    let r: usize = 0;
    for (; r + 32 <= width; r += 32) feedTile(to + r, width, last + r, from, stride, many);
    if (r < width) feedNarrow(to + r, width, last + r, from, stride, many);
  }
  for (; j < end; j++) {
    const from = shares + <usize>(j + 1) * stride;
    for (let r: usize = 0; r < width; r += 16)
      feedOne(targets + <usize>j * width + r, width, last + r, from, many);
  }
}

/** Four positions by eight rows. `errors` and `shares` point behind their last. */
function feedTile(to: usize, width: usize, errors: usize, shares: usize, stride: usize, many: i32): void {
  const to1 = to + width;
  const to2 = to1 + width;
  const to3 = to2 + width;
  const shares1 = shares + stride;
  const shares2 = shares1 + stride;
  const shares3 = shares2 + stride;
  let s00 = v128.load(to);
  let s01 = v128.load(to, 16);
  let s10 = v128.load(to1);
  let s11 = v128.load(to1, 16);
  let s20 = v128.load(to2);
  let s21 = v128.load(to2, 16);
  let s30 = v128.load(to3);
  let s31 = v128.load(to3, 16);
  let back: usize = 0;
  const most = (<usize>many) << 2;
  while (back < most) {
    back += 4;
    errors -= width;
    const e0 = v128.load(errors);
    const e1 = v128.load(errors, 16);
    let x = v128.load32_splat(shares - back);
    s00 = f32x4.add(s00, f32x4.mul(x, e0));
    s01 = f32x4.add(s01, f32x4.mul(x, e1));
    x = v128.load32_splat(shares1 - back);
    s10 = f32x4.add(s10, f32x4.mul(x, e0));
    s11 = f32x4.add(s11, f32x4.mul(x, e1));
    x = v128.load32_splat(shares2 - back);
    s20 = f32x4.add(s20, f32x4.mul(x, e0));
    s21 = f32x4.add(s21, f32x4.mul(x, e1));
    x = v128.load32_splat(shares3 - back);
    s30 = f32x4.add(s30, f32x4.mul(x, e0));
    s31 = f32x4.add(s31, f32x4.mul(x, e1));
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  v128.store(to1, s10);
  v128.store(to1, s11, 16);
  v128.store(to2, s20);
  v128.store(to2, s21, 16);
  v128.store(to3, s30);
  v128.store(to3, s31, 16);
}

/** Four positions by four rows. */
function feedNarrow(to: usize, width: usize, errors: usize, shares: usize, stride: usize, many: i32): void {
  let s0 = v128.load(to);
  let s1 = v128.load(to + width);
  let s2 = v128.load(to + 2 * width);
  let s3 = v128.load(to + 3 * width);
  const most = (<usize>many) << 2;
  for (let back: usize = 4; back <= most; back += 4) {
    errors -= width;
    const e = v128.load(errors);
    s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(shares - back), e));
    s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(shares + stride - back), e));
    s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(shares + 2 * stride - back), e));
    s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(shares + 3 * stride - back), e));
  }
  v128.store(to, s0);
  v128.store(to + width, s1);
  v128.store(to + 2 * width, s2);
  v128.store(to + 3 * width, s3);
}

/** One position by four rows. */
function feedOne(to: usize, width: usize, errors: usize, shares: usize, many: i32): void {
  let sum = v128.load(to);
  for (let k = 0; k < many; k++) {
    errors -= width;
    shares -= 4;
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(shares), v128.load(errors)));
  }
  v128.store(to, sum);
}

/** Adds to the targets of positions `first` to `j - 1` what the error at position j makes of them. */
function feedWithin(
  targets: usize,
  error: usize,
  rows: i32,
  count: i32,
  shares: usize,
  first: i32,
  j: i32,
): void {
  const width = (<usize>rows) << 2;
  const stride = (<usize>count) << 2;
  for (let r: usize = 0; r < width; r += 16) {
    const e = v128.load(error + r);
    let share = shares + <usize>first * stride + ((<usize>j) << 2);
    let to = targets + <usize>first * width + r;
    for (let i = first; i < j; i++, share += stride, to += width)
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load32_splat(share), e)));
  }
}
