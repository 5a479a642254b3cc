/**
 * Adds weight * x xT of some vectors to sums of which only the blocks on the diagonal are kept, and in them what is on or above it. The products of all vectors are summed in order before they are added. Flat
 * arrays and plain loops, which can become a kernel's.
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
  const row = new Float64Array(block);
  for (let start = 0; start < inputs;) {
    const groupEnd = (Math.floor(start / group) + 1) * group;
    const end = Math.min(start + block, groupEnd);
    for (let i = start; i < end; i++) {
      row.fill(0);
      const found = nonzero(vectors, count, inputs, i, starts);
      for (let vector = 0; vector < found; vector++) {
        const from = starts[vector]!;
        const x = vectors[from + i]!;
        for (let j = i; j < end; j++) row[j - start]! += x * vectors[from + j]!;
      }
      for (let j = i - start; j < end - start; j++) sums[i * block + j]! += weight * row[j]!;
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
