/**
 * Adds d S d to each row's total, see `Kernel.quadraticForms`.
 * @param d [rows][stride], of which the first `count` of each row are read
 * @param sums [count][stride], of which the elements from the diagonal on are read
 */
export function quadraticForms(
  d: Float32Array,
  shape: { readonly rows: number; readonly stride: number; readonly count: number },
  sums: Float64Array,
  sumStride: number,
  totals: Float64Array,
): void {
  const { rows, stride, count } = shape;
  for (let r = 0; r < rows; r++) {
    const first = r * stride;
    for (let i = 0; i < count; i++) {
      const x = d[first + i]!;
      if (x === 0) continue;
      const beyond = dot(sums, i * sumStride + i + 1, d, first + i + 1, count - i - 1);
      totals[r]! += x * (sums[i * sumStride + i]! * x + 2 * beyond);
    }
  }
}

/** Sum of a[i] * b[i]: element i of whole groups of four goes to lane i & 3. */
function dot(a: Float64Array, fromA: number, b: Float32Array, fromB: number, count: number): number {
  const lanes = new Float64Array(4);
  const groups = count & -4;
  for (let i = 0; i < groups; i++) lanes[i & 3]! += a[fromA + i]! * b[fromB + i]!;
  let sum = lanes[0]! + lanes[2]! + (lanes[1]! + lanes[3]!);
  for (let i = groups; i < count; i++) sum += a[fromA + i]! * b[fromB + i]!;
  return sum;
}
