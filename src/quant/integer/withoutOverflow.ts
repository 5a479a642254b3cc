import { roundHalfToEven } from '../../core/scheme/roundHalfToEven';
import type { EncodedScalars } from '../EncodedTensor';
import { integerNumbers } from './integerNumbers';
import { greatestOf, MAX_SUM, overflows } from './pairSums';
import { productOffsets, type ProductOrder } from './productOrder';

/** Scales that are tried for a channel, from the one that it has to the one at which no pair overflows. */
const TRIED = 8;
/** Codes are nearest to their weights up to this, in steps: scales are rounded to float32. */
const TOLERANCE = 1e-3;
/** Codes that are tried to either side of the nearest point at which a pair does not overflow. */
const AROUND = 2;

/**
 * A weight of which no two neighbouring products overflow 16 bits (see `pairSums`). Channels that have such pairs get a larger scale and, where
 * the error is smaller so, single pairs smaller codes; all other channels stay as they are. A scale grows less than twofold, which
 * is what 7 bits for all channels (`reduceRange`) take.
 * @param tensor signed 8-bit codes around zero, with one float32 scale or one for each channel
 * @param greatest code that the activation has in each input channel; at 255 nothing overflows whatever it is
 * @param weights in the order of the tensor; where codes are not nearest to them, as after rounding by moments, the codes are what is meant
 * @returns the same tensor if none overflow
 */
export function withoutOverflow(
  tensor: EncodedScalars,
  order: ProductOrder,
  greatest: Uint8Array,
  weights: Float32Array,
): EncodedScalars {
  const { channels, inner } = order.layout;
  const scales = (tensor.scales!.values as Float32Array).slice();
  const numbers = integerNumbers(tensor, order.layout);
  const meant = meantNumbers(weights, numbers, order, scales);
  const offsets = productOffsets(order);
  const codes = Uint8Array.from(tensor.codes);
  // Channels that share a scale are one row of pairs; the last product of an odd number has a neighbour of zero.
  const together = scales.length === 1 ? channels : 1;
  const length = offsets.length + (offsets.length % 2);
  const row: PairRow = {
    meant: new Float64Array(together * length),
    codes: new Int16Array(together * length),
    greatest: new Uint8Array(together * length),
  };
  const forEach = (first: number, use: (at: number, i: number) => void) => {
    for (let channel = 0; channel < together; channel++)
      for (let i = 0; i < offsets.length; i++)
        use(channel * length + i, (first + channel) * inner + offsets[i]!);
  };
  let changed = false;
  for (let first = 0; first < channels; first += together) {
    forEach(first, (at, i) => (row.codes[at] = numbers[i]!));
    for (let channel = 0; channel < together; channel++)
      row.greatest.set(greatestOf(order, first + channel, greatest), channel * length);
    if (!anyOverflows(row)) continue;
    changed = true;
    forEach(first, (at, i) => (row.meant[at] = meant[i]!));
    scales[first]! *= fitFactor(row);
    forEach(first, (at, i) => (codes[i] = row.codes[at]!));
  }
  return changed ? { ...tensor, codes, scales: { ...tensor.scales!, values: scales } } : tensor;
}

/** Weights that share a scale, in the order of their products: an even number, neighbour by neighbour. */
interface PairRow {
  /** In steps of the scale. */
  readonly meant: Float64Array;
  readonly codes: Int16Array;
  readonly greatest: Uint8Array;
}

/** The numbers that codes should have, in steps of their scales. */
function meantNumbers(
  weights: Float32Array,
  codes: Int16Array,
  { layout: { channels, inner } }: ProductOrder,
  scales: Float32Array,
): Float64Array {
  const least = codes.includes(-128) ? -128 : -127;
  const exact = Float64Array.from(weights, (weight, i) => {
    const scale = scales[scales.length === 1 ? 0 : Math.floor(i / inner) % channels]!;
    return Math.max(least, Math.min(127, weight / scale));
  });
  const nearest = exact.every((value, i) => Math.abs(value - codes[i]!) <= 0.5 + TOLERANCE);
  return nearest ? exact : Float64Array.from(codes);
}

function anyOverflows({ codes, greatest }: PairRow): boolean {
  for (let i = 0; i < codes.length; i += 2)
    if (overflows(codes[i]!, codes[i + 1]!, greatest[i]!, greatest[i + 1]!)) return true;
  return false;
}

/** Chooses the factor for the scale of a row, at least 1, by the squared error, and the codes at it. */
function fitFactor(row: PairRow): number {
  const { meant, greatest } = row;
  let most = MAX_SUM;
  for (let i = 0; i < meant.length; i += 2)
    for (const sign of [1, -1]) {
      const [a, b] = [Math.max(0, sign * meant[i]!), Math.max(0, sign * meant[i + 1]!)];
      most = Math.max(most, a * greatest[i]! + b * greatest[i + 1]!);
    }
  let [best, least] = [1, Infinity];
  for (let step = 0; step <= TRIED; step++) {
    const factor = 1 + ((most / MAX_SUM - 1) * step) / TRIED;
    const error = roundPairs(row, factor);
    if (error < least) [best, least] = [factor, error];
  }
  roundPairs(row, best);
  return best;
}

/** Rounds at a larger scale. @returns squared error, in steps of the scale that there was */
function roundPairs({ meant, codes, greatest }: PairRow, factor: number): number {
  let error = 0;
  for (let i = 0; i < meant.length; i += 2) {
    const [a, b] = [meant[i]! / factor, meant[i + 1]! / factor];
    let [code, neighbour] = [roundHalfToEven(a), roundHalfToEven(b)];
    if (overflows(code, neighbour, greatest[i]!, greatest[i + 1]!)) {
      const sign = Math.sign(code);
      const pair = nearestPair(sign * a, sign * b, greatest[i]!, greatest[i + 1]!);
      [code, neighbour] = [sign * pair[0], sign * pair[1]];
    }
    error += (a - code) ** 2 + (b - neighbour) ** 2;
    codes[i] = code;
    codes[i + 1] = neighbour;
  }
  return error * factor ** 2;
}

/** The nearest two codes of those that do not overflow; both numbers are positive, as those of different signs never do. */
function nearestPair(a: number, b: number, greatest: number, other: number): readonly [number, number] {
  const beyond = (a * greatest + b * other - MAX_SUM) / (greatest ** 2 + other ** 2);
  const middle = Math.round(a - beyond * greatest);
  let [best, least]: [readonly [number, number], number] = [[0, 0], Infinity];
  for (let code = Math.max(0, middle - AROUND); code <= middle + AROUND; code++) {
    const room = Math.floor((MAX_SUM - code * greatest) / other);
    const neighbour = Math.min(roundHalfToEven(b), room);
    const error = (a - code) ** 2 + (b - neighbour) ** 2;
    if (neighbour >= 0 && code <= roundHalfToEven(a) && error < least)
      [best, least] = [[code, neighbour], error];
  }
  return best;
}
