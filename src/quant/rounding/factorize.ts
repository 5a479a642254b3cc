/**
 * Factorizes a symmetric matrix in place: A = VT P V, V being upper triangular with ones on its diagonal and P diagonal (Cholesky's without the roots; Golub and Van Loan 2013,
 * section 4.1.2). Each element is reduced by the rows above in their order, so that a loop in blocks gives the same bits. Flat arrays and plain loops, which can become a kernel's.
 * @param matrix [count][count], of which the elements on and right of the diagonal are read and written: P there, V beyond
 * @returns false if a pivot is not positive, so that the matrix is not positive definite; what is left is of no use
 */
export function factorize(matrix: Float64Array, count: number): boolean {
  for (let j = 0; j < count; j++) {
    const row = j * count;
    const pivot = matrix[row + j]!;
    if (!(pivot > 0)) return false;
    for (let i = j + 1; i < count; i++) {
      const share = matrix[row + i]! / pivot;
      for (let k = i; k < count; k++) matrix[i * count + k]! -= share * matrix[row + k]!;
    }
    for (let k = j + 1; k < count; k++) matrix[row + k]! /= pivot;
  }
  return true;
}
