/**
 * d S dT of a symmetric matrix of which the upper triangle is stored. Flat arrays and plain loops, which can become a kernel's.
 * @param sums row i of the matrix begins at i * stride; of it, elements i ... count - 1 are read
 * @param at where the matrix begins in `sums`
 * @param from where d begins in `d`
 */
export function quadraticForm(
  sums: Float64Array,
  at: number,
  stride: number,
  count: number,
  d: ArrayLike<number>,
  from: number,
): number {
  let total = 0;
  for (let i = 0; i < count; i++) {
    const di = d[from + i]!;
    if (di === 0) continue;
    const row = at + i * stride;
    total += di * (sums[row + i]! * di + 2 * dot(sums, row + i + 1, d, from + i + 1, count - i - 1));
  }
  return total;
}

/** In four sums, as an addition need not wait for the one before it. */
function dot(a: Float64Array, atA: number, b: ArrayLike<number>, atB: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    s0 += a[atA + i]! * b[atB + i]!;
    s1 += a[atA + i + 1]! * b[atB + i + 1]!;
    s2 += a[atA + i + 2]! * b[atB + i + 2]!;
    s3 += a[atA + i + 3]! * b[atB + i + 3]!;
  }
  for (; i < count; i++) s0 += a[atA + i]! * b[atB + i]!;
  return s0 + s1 + (s2 + s3);
}
