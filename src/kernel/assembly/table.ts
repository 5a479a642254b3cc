import { quantizeRow } from './quantizeRow';
import { scaled } from './scaled';

/** So few levels are found fastest by comparing with all thresholds. */
const FEW: i32 = 16;

/** Up to 16 levels from a table. The level of a weight is its code. */
export class SmallTable {}
/** More levels from a table, likewise. */
export class LargeTable {}

export function tableRows(
  src: usize,
  rows: i32,
  cols: i32,
  scales: usize,
  thresholds: usize,
  entries: usize,
  count: i32,
  stride: i32,
  codes: usize,
  values: usize,
  stats: usize,
): void {
  const step = (<usize>stride) << 2;
  const none = i32x4.splat(0);
  for (let r = 0; r < rows; r++, thresholds += step, entries += step) {
    const scale = v128.load32_splat(scales + ((<usize>r) << 2));
    // prettier-ignore
    if (count <= FEW) {
      quantizeRow<SmallTable>(
        r, src, cols, codes, 1, values, stats,
        scale, none, none, none, none, count - 1, thresholds, entries,
      );
    } else {
      quantizeRow<LargeTable>(
        r, src, cols, codes, 1, values, stats,
        scale, none, none, none, none, count - 1, thresholds, entries,
      );
    }
  }
}

/** How many of the thresholds are at or below y: a true comparison is -1. */
export function smallTableLevel(x: v128, scale: v128, count: i32, thresholds: usize): v128 {
  const y = f32x4.div(x, scale);
  let level = i32x4.splat(0);
  const end = thresholds + ((<usize>count) << 2);
  for (let at = thresholds; at < end; at += 4) {
    level = i32x4.sub(level, f32x4.ge(y, v128.load32_splat(at)));
  }
  return level;
}

/**
 * The same by halving. Comparisons are added up rather than branched on, which nothing could predict; four searches run side by
 * side, as each by itself only waits.
 */
export function largeTableLevel(x: v128, scale: v128, count: i32, thresholds: usize): v128 {
  const y = f32x4.div(x, scale);
  const y0 = f32x4.extract_lane(y, 0);
  const y1 = f32x4.extract_lane(y, 1);
  const y2 = f32x4.extract_lane(y, 2);
  const y3 = f32x4.extract_lane(y, 3);
  let p0 = thresholds;
  let p1 = thresholds;
  let p2 = thresholds;
  let p3 = thresholds;
  while (count > 1) {
    const half = count >> 1;
    const step = (<usize>half) << 2;
    p0 += step & (0 - <usize>(load<f32>(p0 + step - 4) <= y0));
    p1 += step & (0 - <usize>(load<f32>(p1 + step - 4) <= y1));
    p2 += step & (0 - <usize>(load<f32>(p2 + step - 4) <= y2));
    p3 += step & (0 - <usize>(load<f32>(p3 + step - 4) <= y3));
    count -= half;
  }
  let found = i32x4.splat(<i32>p0);
  found = i32x4.replace_lane(found, 1, <i32>p1);
  found = i32x4.replace_lane(found, 2, <i32>p2);
  found = i32x4.replace_lane(found, 3, <i32>p3);
  const passed = i32x4.shr_u(i32x4.sub(found, i32x4.splat(<i32>thresholds)), 2);
  let last = v128.load32_zero(p0);
  last = v128.load32_lane(p1, last, 1);
  last = v128.load32_lane(p2, last, 2);
  last = v128.load32_lane(p3, last, 3);
  return i32x4.sub(passed, f32x4.le(last, y));
}

export function tableValue(code: v128, scale: v128, entries: usize): v128 {
  let entry = v128.load32_zero(entryAt(entries, i32x4.extract_lane(code, 0)));
  entry = v128.load32_lane(entryAt(entries, i32x4.extract_lane(code, 1)), entry, 1);
  entry = v128.load32_lane(entryAt(entries, i32x4.extract_lane(code, 2)), entry, 2);
  entry = v128.load32_lane(entryAt(entries, i32x4.extract_lane(code, 3)), entry, 3);
  return scaled(entry, scale);
}

function entryAt(entries: usize, code: i32): usize {
  return entries + ((<usize>code) << 2);
}
