/**
 * Adds weight * x xT of some vectors to sums of which only the blocks on the diagonal are kept, and in them what is on or above it. A kernel's loop:
 * flat arrays, no allocation.
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
  for (let start = 0; start < inputs;) {
    const groupEnd = (Math.floor(start / group) + 1) * group;
    const end = Math.min(start + block, groupEnd);
    for (let i = start; i < end; i++) {
      const row = i * block - start;
      for (let vector = 0; vector < count; vector++) {
        const from = vector * inputs;
        const x = weight * vectors[from + i]!;
        // After a ReLU about half of all inputs are zero.
        if (x === 0) continue;
        for (let j = i; j < end; j++) sums[row + j]! += x * vectors[from + j]!;
      }
    }
    start = end;
  }
}
