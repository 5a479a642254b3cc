/** Weights that stand for a distribution without the chance of a draw: its quantiles at the middles of `count` equal shares. */
export type Quantile = (share: number) => number;

export function stratified(count: number, quantile: Quantile): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count));
}

/** Of deviation 1. */
export const laplacianQuantile: Quantile = (p) =>
  (-Math.sign(p - 0.5) * Math.log(1 - 2 * Math.abs(p - 0.5))) / Math.SQRT2;

/** By Newton's method on the distribution function, whose value is summed as a series (Abramowitz and Stegun 26.2.10) or a continued fraction (26.2.14). */
export const normalQuantile: Quantile = (p) => {
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = p < 0.02 ? -Math.sqrt(-2 * Math.log(p)) + 0.5 : 0;
  for (let step = 0; step < 100; step++) {
    const move = (cumulative(x) - p) / (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
    x -= Math.max(-0.5, Math.min(0.5, move));
    if (Math.abs(move) < 1e-12) break;
  }
  return x;
};

/** P(X < x) for x at most 0. */
function cumulative(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > -3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-17; n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = -x;
  for (let n = 60; n > 0; n--) fraction = -x + n / fraction;
  return density / fraction;
}
