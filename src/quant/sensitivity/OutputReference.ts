/** How far one output of a model is from the float model's, on one sample. Sums, so that samples add up. */
export interface OutputNoise {
  readonly signal: number;
  /** Infinity where either output has a NaN or an infinity: there is no distance to measure. */
  readonly noise: number;
  /** Rows of scores, of which the largest counts: class probabilities, or what becomes them. 0 if the output is no such thing. */
  readonly rows: number;
  /** Rows whose largest score is at the same index. */
  readonly agreeing: number;
  /** Place of the largest score of the first row, -1 if it has none; null without rows. */
  readonly winner: number | null;
  /** Kullback-Leibler divergence in bits, summed over the rows; null if these are no probabilities. */
  readonly divergence: number | null;
}

/** An output as plain numbers. */
export interface OutputValues {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

type Numbers = Float32Array | Float64Array;

/** How far the sum of a row of probabilities may be from 1: float16 has about three digits. */
const SUM_TOLERANCE = 5e-3;
/** Probabilities below this count for nothing; where the float model is above, one that should not be below is taken for it. */
const MIN_PROBABILITY = 1e-7;

/** An output of the float model on one sample, with what many comparisons need of it. */
export class OutputReference {
  readonly data: Numbers;
  private readonly signal: number;
  /** Scores of a row; 0 if the output is not made of rows of scores. */
  private readonly classes: number;
  private readonly largest: Int32Array;
  /** Where probabilities are that count; null if the output is none. */
  private readonly likely: Int32Array | null;
  /** Sum of p log2 p over these. */
  private readonly negativeEntropy: number;

  constructor({ data, shape }: OutputValues) {
    this.data = numbersOf(data);
    this.signal = finitePower(this.data);
    const classes = shape.at(-1) ?? 0;
    const probabilities = classes > 1 && areProbabilities(this.data, classes);
    // Other outputs of two dimensions are taken for scores of classes, one row a sample.
    this.classes = probabilities || (classes > 1 && shape.length === 2) ? classes : 0;
    this.largest = largestOf(this.data, this.classes);
    this.likely = probabilities ? placesAbove(this.data, MIN_PROBABILITY) : null;
    this.negativeEntropy = this.likely ? crossSum(this.likely, this.data, this.data) : 0;
  }

  /** Bytes that it holds in memory. */
  get byteLength(): number {
    return this.data.byteLength + this.largest.byteLength + (this.likely?.byteLength ?? 0);
  }

  /** Place of the largest score of the first row; null without rows. */
  get winner(): number | null {
    return this.largest[0] ?? null;
  }

  /** @param values as many as the reference has */
  difference(values: ArrayLike<number | bigint>): OutputNoise {
    const actual = numbersOf(values);
    const largest = largestOf(actual, this.classes);
    let agreeing = 0;
    for (let row = 0; row < largest.length; row++)
      if (largest[row]! >= 0 && largest[row] === this.largest[row]) agreeing++;
    return {
      signal: this.signal,
      noise: squaredDistance(this.data, actual),
      rows: largest.length,
      agreeing,
      winner: largest[0] ?? null,
      divergence: this.likely && this.divergence(this.likely, actual),
    };
  }

  /** Whether values are the reference's to the last bit, NaNs and infinities among them. */
  isSameAs(values: ArrayLike<number | bigint>): boolean {
    const actual = numbersOf(values);
    return this.data.every((x, i) => x === actual[i] || Object.is(x, actual[i]));
  }

  /** Sum of p log2(p / q). */
  private divergence(likely: Int32Array, actual: Numbers): number {
    return Math.max(0, this.negativeEntropy - crossSum(likely, this.data, actual));
  }
}

/** Whether the first output that is made of scores says so; null if none is. */
export function isFound(
  label: number,
  outputs: readonly { readonly winner: number | null }[],
): boolean | null {
  const scores = outputs.find(({ winner }) => winner !== null);
  return scores ? scores.winner === label : null;
}

function numbersOf(data: ArrayLike<number | bigint>): Numbers {
  return data instanceof Float32Array || data instanceof Float64Array
    ? data
    : Float64Array.from(data, Number);
}

function finitePower(data: Numbers): number {
  let sum = 0;
  for (const x of data) if (Number.isFinite(x)) sum += x * x;
  return sum;
}

/** Sum of p log2 q over some indices. */
function crossSum(indices: Int32Array, p: Numbers, q: Numbers): number {
  let sum = 0;
  for (const i of indices) sum += p[i]! * Math.log2(Math.max(MIN_PROBABILITY, q[i]! || 0));
  return sum;
}

function squaredDistance(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const error = a[i]! - b[i]!;
    sum += error * error;
  }
  // Infinity minus infinity is NaN, so that a sum is finite only if all values are.
  return Number.isFinite(sum) ? sum : Infinity;
}

function areProbabilities(data: Numbers, classes: number): boolean {
  for (let start = 0; start < data.length; start += classes) {
    let sum = 0;
    for (let i = start; i < start + classes; i++) {
      if (!(data[i]! >= 0)) return false;
      sum += data[i]!;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return false;
  }
  return data.length > 0;
}

/** In each row; -1 in a row that has NaN, as it has no largest. */
function largestOf(data: Numbers, classes: number): Int32Array {
  const largest = new Int32Array(classes === 0 ? 0 : data.length / classes);
  for (let row = 0; row < largest.length; row++) {
    const start = row * classes;
    let at = start;
    let broken = false;
    for (let i = start; i < start + classes; i++) {
      if (data[i]! > data[at]!) at = i;
      broken ||= Number.isNaN(data[i]);
    }
    largest[row] = broken ? -1 : at - start;
  }
  return largest;
}

function placesAbove(data: Numbers, least: number): Int32Array {
  const indices: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i]! > least) indices.push(i);
  return Int32Array.from(indices);
}
