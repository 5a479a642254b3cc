/**
 * Adds weight * x xT of some vectors to sums of which only the blocks on the diagonal are kept, and in them what is on or above it. Flat arrays and
 * plain loops, which can become a kernel's.
 * @param vectors [count][inputs]
 * @param sums [inputs][block]: row i has the products of x[i] with the elements of its block
 * @param group elements after which blocks begin anew; a group's last block may be short
 */
export function addOuterProducts(
  vectors: Float32Array,
  count: number,
  inputs: number,
  group: number,
  block: number,
  weight: number,
  sums: Float64Array,
): void {
  const starts = new Int32Array(count);
  for (let start = 0; start < inputs;) {
    const groupEnd = (Math.floor(start / group) + 1) * group;
    const end = Math.min(start + block, groupEnd);
    for (let i = start; i < end; i++) {
      const found = nonzero(vectors, count, inputs, i, starts);
      addScaled(vectors, starts, found, i, end, weight, sums, i * block - start);
    }
    start = end;
  }
}

/** Where the vectors begin whose element i is not zero: after a ReLU about half of them. @returns how many */
function nonzero(
  vectors: Float32Array,
  count: number,
  inputs: number,
  i: number,
  starts: Int32Array,
): number {
  let found = 0;
  for (let from = 0; from < count * inputs; from += inputs)
    if (vectors[from + i] !== 0) starts[found++] = from;
  return found;
}

/** Adds weight * x[i] * x[i ... end - 1] of the vectors, four at a time, so that each sum is read and written once for four products. */
function addScaled(
  vectors: Float32Array,
  starts: Int32Array,
  count: number,
  i: number,
  end: number,
  weight: number,
  sums: Float64Array,
  row: number,
): void {
  let vector = 0;
  for (; vector + 4 <= count; vector += 4) {
    const [a, b, c, d] = [starts[vector]!, starts[vector + 1]!, starts[vector + 2]!, starts[vector + 3]!];
    const xa = weight * vectors[a + i]!;
    const xb = weight * vectors[b + i]!;
    const xc = weight * vectors[c + i]!;
    const xd = weight * vectors[d + i]!;
    for (let j = i; j < end; j++)
      sums[row + j]! +=
        xa * vectors[a + j]! + xb * vectors[b + j]! + xc * vectors[c + j]! + xd * vectors[d + j]!;
  }
  for (; vector < count; vector++) {
    const a = starts[vector]!;
    const x = weight * vectors[a + i]!;
    for (let j = i; j < end; j++) sums[row + j]! += x * vectors[a + j]!;
  }
}
