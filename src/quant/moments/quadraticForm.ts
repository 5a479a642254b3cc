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
    let beyond = 0;
    for (let j = i + 1; j < count; j++) beyond += sums[row + j]! * d[from + j]!;
    total += di * (sums[row + i]! * di + 2 * beyond);
  }
  return total;
}
