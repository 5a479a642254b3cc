/** How far one output of a model is from the float model's, on one sample. Sums, so that samples add up. */
export interface OutputDifference {
  readonly signal: number;
  /** Infinity where one has NaN or an infinity and the other has a number. */
  readonly noise: number;
  /** Rows of scores, of which the largest counts: class probabilities, or what becomes them. 0 if the output is no such thing. */
  readonly rows: number;
  /** Rows whose largest score is at the same place. */
  readonly agreeing: number;
  /** Kullback-Leibler divergence in bits, summed over the rows; null if these are no probabilities. */
  readonly divergence: number | null;
}

/** An output as plain numbers. */
export interface OutputValues {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** How far the sum of a row of probabilities may be from 1: float16 has about three digits. */
const SUM_TOLERANCE = 5e-3;
/** Probabilities below this are taken for it, so that a zero that should not be is bad, but not infinitely so. */
const LEAST_PROBABILITY = 1e-10;

/** @param actual of the same shape as `expected` */
export function outputDifference(expected: OutputValues, actual: OutputValues): OutputDifference {
  const { data, shape } = expected;
  let [signal, noise] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    const y = Number(actual.data[i]);
    if (Number.isFinite(x)) signal += x * x;
    // Infinities and NaNs that agree are no error; where they do not, there is no ratio to speak of.
    if (!Object.is(x, y)) noise += Number.isFinite(x) && Number.isFinite(y) ? (x - y) ** 2 : Infinity;
  }
  const classes = shape.at(-1) ?? 0;
  const probabilities = classes > 1 && areProbabilities(data, classes);
  // Other outputs of two dimensions are taken for scores of classes, one row a sample.
  if (classes < 2 || !(probabilities || shape.length === 2))
    return { signal, noise, rows: 0, agreeing: 0, divergence: null };
  const rows = data.length / classes;
  let agreeing = 0;
  for (let row = 0; row < rows; row++)
    if (largestAt(data, row, classes) === largestAt(actual.data, row, classes)) agreeing++;
  return { signal, noise, rows, agreeing, divergence: probabilities ? divergence(data, actual.data) : null };
}

function areProbabilities(data: ArrayLike<number | bigint>, classes: number): boolean {
  for (let start = 0; start < data.length; start += classes) {
    let sum = 0;
    for (let i = start; i < start + classes; i++) {
      const value = Number(data[i]);
      if (!(value >= 0)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return false;
  }
  return data.length > 0;
}

/** Place of the largest number of a row of `classes`. */
export function largestAt(data: ArrayLike<number | bigint>, row: number, classes: number): number {
  const start = row * classes;
  let at = 0;
  for (let i = 1; i < classes; i++) if (data[start + i]! > data[start + at]!) at = i;
  return at;
}

/** Sum of p log2(p / q) over all rows. */
function divergence(p: ArrayLike<number | bigint>, q: ArrayLike<number | bigint>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const probability = Number(p[i]);
    if (probability > LEAST_PROBABILITY)
      sum += probability * Math.log2(probability / Math.max(LEAST_PROBABILITY, Number(q[i]) || 0));
  }
  return Math.max(0, sum);
}
