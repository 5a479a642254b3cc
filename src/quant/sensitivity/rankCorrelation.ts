/**
 * Spearman's rank correlation: 1 where both lists order things alike, -1 where the other way round, 0 where one says nothing of
 * the other. Ties get the mean of their ranks.
 * @returns null for fewer than three pairs, or if one list is all ties
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new Error('Rank correlation is of pairs.');
  if (a.length < 3) return null;
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  let [product, squaresX, squaresY] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean];
    product += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  return squaresX === 0 || squaresY === 0 ? null : product / Math.sqrt(squaresX * squaresY);
}

/** 0 for the least; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((i, j) => compare(values[i]!, values[j]!));
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let rank = start; rank < end; rank++) result[order[rank]!] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

/** Not the difference, which of two infinities is no number. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
