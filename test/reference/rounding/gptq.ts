/**
 * GPTQ as it is published (Frantar et al. 2023, algorithm 1, without its blocks; "act-order" from their code): column by column of largest diagonal first, with the inverse of the
 * matrix over the columns that are left, updated by elimination.
 * @param weights one row
 * @param hessian [n][n], damped
 * @param nearest the level nearest to a number, by the weight's index
 */
export function gptq(
  weights: readonly number[],
  hessian: readonly (readonly number[])[],
  nearest: (x: number, index: number) => number,
): number[] {
  const inverse = inverseOf(hessian);
  const w = [...weights];
  const left = new Set(w.keys());
  const byPower = [...w.keys()].sort((a, b) => hessian[b]![b]! - hessian[a]![a]! || a - b);
  const quantized: number[] = [];
  for (const q of byPower) {
    quantized[q] = nearest(w[q]!, q);
    const error = (w[q]! - quantized[q]) / inverse[q]![q]!;
    left.delete(q);
    const row = [...inverse[q]!];
    for (const i of left) {
      w[i]! -= error * row[i]!;
      for (const j of left) inverse[i]![j]! -= (row[i]! * row[j]!) / row[q]!;
    }
  }
  return quantized;
}

/** Gauss and Jordan. */
function inverseOf(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = rows[i]![i]!;
    for (let k = 0; k < 2 * n; k++) rows[i]![k]! /= pivot;
    for (let r = 0; r < n; r++) {
      const factor = rows[r]![i]!;
      if (r !== i) for (let k = 0; k < 2 * n; k++) rows[r]![k]! -= factor * rows[i]![k]!;
    }
  }
  return rows.map((row) => row.slice(n));
}
