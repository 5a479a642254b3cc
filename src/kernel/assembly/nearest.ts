/** The assignment step of a vector quantizer, four vectors at a time. */

/** A vector of one number; further ones for each further class. Only their size is of use: it is known while compiling. */
class Vector1 {
  a: f32 = 0;
}
class Vector2 extends Vector1 {
  b: f32 = 0;
}
class Vector3 extends Vector2 {
  c: f32 = 0;
}
class Vector4 extends Vector3 {
  d: f32 = 0;
}
class Vector5 extends Vector4 {
  e: f32 = 0;
}
class Vector6 extends Vector5 {
  f: f32 = 0;
}
class Vector7 extends Vector6 {
  g: f32 = 0;
}
class Vector8 extends Vector7 {
  h: f32 = 0;
}

/** Each dimension gets a loop of its own. */
export function nearestEntries(
  src: usize,
  count: i32,
  stride: i32,
  dimension: i32,
  codebook: usize,
  entries: i32,
  codes: usize,
  codeStride: i32,
  sums: usize,
  counts: usize,
): f64 {
  // prettier-ignore
  switch (dimension) {
    case 1: return nearestOf<Vector1>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 2: return nearestOf<Vector2>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 3: return nearestOf<Vector3>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 4: return nearestOf<Vector4>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 5: return nearestOf<Vector5>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 6: return nearestOf<Vector6>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    case 7: return nearestOf<Vector7>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
    default: return nearestOf<Vector8>(src, count, stride, codebook, entries, codes, codeStride, sums, counts);
  }
}

function nearestOf<V>(
  src: usize,
  count: i32,
  stride: i32,
  codebook: usize,
  entries: i32,
  codes: usize,
  codeStride: i32,
  sums: usize,
  counts: usize,
): f64 {
  const step = (<usize>stride) << 2;
  const one = i32x4.splat(1);
  let total: f64 = 0;
  for (let v = 0; v < count; v += 4) {
    // Past the end, the last vector stands in for those that are missing.
    const rest = count - v;
    const s1 = src + (rest > 1 ? step : 0);
    const s2 = s1 + (rest > 2 ? step : 0);
    const s3 = s2 + (rest > 3 ? step : 0);
    const x0 = gather(src, s1, s2, s3);
    const x1 = offsetof<V>() > 4 ? gather(src + 4, s1 + 4, s2 + 4, s3 + 4) : x0;
    const x2 = offsetof<V>() > 8 ? gather(src + 8, s1 + 8, s2 + 8, s3 + 8) : x0;
    const x3 = offsetof<V>() > 12 ? gather(src + 12, s1 + 12, s2 + 12, s3 + 12) : x0;
    const x4 = offsetof<V>() > 16 ? gather(src + 16, s1 + 16, s2 + 16, s3 + 16) : x0;
    const x5 = offsetof<V>() > 20 ? gather(src + 20, s1 + 20, s2 + 20, s3 + 20) : x0;
    const x6 = offsetof<V>() > 24 ? gather(src + 24, s1 + 24, s2 + 24, s3 + 24) : x0;
    const x7 = offsetof<V>() > 28 ? gather(src + 28, s1 + 28, s2 + 28, s3 + 28) : x0;
    let entry = codebook;
    let number = i32x4.splat(0);
    let nearest = number;
    let least = f32x4.splat(0);
    for (let k = 0; k < entries; k++, entry += offsetof<V>()) {
      let distance = squaredDifference(x0, entry);
      if (offsetof<V>() > 4) distance = f32x4.add(distance, squaredDifference(x1, entry + 4));
      if (offsetof<V>() > 8) distance = f32x4.add(distance, squaredDifference(x2, entry + 8));
      if (offsetof<V>() > 12) distance = f32x4.add(distance, squaredDifference(x3, entry + 12));
      if (offsetof<V>() > 16) distance = f32x4.add(distance, squaredDifference(x4, entry + 16));
      if (offsetof<V>() > 20) distance = f32x4.add(distance, squaredDifference(x5, entry + 20));
      if (offsetof<V>() > 24) distance = f32x4.add(distance, squaredDifference(x6, entry + 24));
      if (offsetof<V>() > 28) distance = f32x4.add(distance, squaredDifference(x7, entry + 28));
      if (k == 0) least = distance;
      // Entries come in order, so the maximum takes the later number where the distance is less.
      nearest = i32x4.max_s(nearest, v128.and(number, f32x4.lt(distance, least)));
      least = f32x4.pmin(least, distance);
      number = i32x4.add(number, one);
    }
    total += <f64>f32x4.extract_lane(least, 0);
    assign<V>(src, i32x4.extract_lane(nearest, 0), codes, sums, counts);
    codes += codeStride;
    if (rest > 1) {
      total += <f64>f32x4.extract_lane(least, 1);
      assign<V>(s1, i32x4.extract_lane(nearest, 1), codes, sums, counts);
      codes += codeStride;
    }
    if (rest > 2) {
      total += <f64>f32x4.extract_lane(least, 2);
      assign<V>(s2, i32x4.extract_lane(nearest, 2), codes, sums, counts);
      codes += codeStride;
    }
    if (rest > 3) {
      total += <f64>f32x4.extract_lane(least, 3);
      assign<V>(s3, i32x4.extract_lane(nearest, 3), codes, sums, counts);
      codes += codeStride;
    }
    src = s3 + step;
  }
  return total;
}

/** The same component of four vectors. */
function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  const ab = v128.load32_lane(b, v128.load32_zero(a), 1);
  return v128.load32_lane(d, v128.load32_lane(c, ab, 2), 3);
}

function squaredDifference(x: v128, component: usize): v128 {
  const difference = f32x4.sub(x, v128.load32_splat(component));
  return f32x4.mul(difference, difference);
}

/** Writes a vector's code and adds it to its entry. */
function assign<V>(src: usize, code: i32, codes: usize, sums: usize, counts: usize): void {
  store<u8>(codes, code);
  if (!sums) return;
  const sum = sums + <usize>code * offsetof<V>() * 2;
  for (let at: usize = 0; at < offsetof<V>(); at += 4) {
    store<f64>(sum + 2 * at, load<f64>(sum + 2 * at) + <f64>load<f32>(src + at));
  }
  const place = counts + ((<usize>code) << 2);
  store<u32>(place, load<u32>(place) + 1);
}
