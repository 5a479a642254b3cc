import { roundHalfToEven } from '../../core/scheme/roundHalfToEven';
import type { EncodedScalars } from '../EncodedTensor';
import { integerNumbers } from './integerNumbers';
import { MAX_PAIR, overflows } from './pairSums';
import { productOffsets, type ProductOrder } from './productOrder';

/** Scales that are tried for a channel, from the one that it has to the one at which no pair overflows. */
const TRIED = 8;
/** Codes are nearest to their weights up to this, in steps: scales are rounded to float32. */
const TOLERANCE = 1e-3;

/**
 * A weight of which no two neighbouring products overflow 16 bits, whatever the activations (see `pairSums`). Channels that have such pairs
 * get a larger scale and, where the error is smaller so, single pairs smaller codes; all other channels stay as they are. A scale
 * grows less than twofold, which is what 7 bits for all channels (`reduceRange`) take.
 * @param tensor signed 8-bit codes around zero, with one float32 scale or one for each channel
 * @param weights in the order of the tensor; where codes are not nearest to them, as after rounding by moments, the codes are what is meant
 * @returns the same tensor if none overflow
 */
export function withoutOverflow(
  tensor: EncodedScalars,
  order: ProductOrder,
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
  const row = new Float64Array(together * length);
  const rounded = new Int16Array(row.length);
  const forEach = (first: number, use: (at: number, i: number) => void) => {
    for (let channel = 0; channel < together; channel++)
      for (let i = 0; i < offsets.length; i++)
        use(channel * length + i, (first + channel) * inner + offsets[i]!);
  };
  let changed = false;
  for (let first = 0; first < channels; first += together) {
    forEach(first, (at, i) => (rounded[at] = numbers[i]!));
    if (!anyOverflows(rounded)) continue;
    changed = true;
    forEach(first, (at, i) => (row[at] = meant[i]!));
    scales[first]! *= fitFactor(row, rounded);
    forEach(first, (at, i) => (codes[i] = rounded[at]!));
  }
  return changed ? { ...tensor, codes, scales: { ...tensor.scales!, values: scales } } : tensor;
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

function anyOverflows(codes: Int16Array): boolean {
  for (let i = 0; i < codes.length; i += 2) if (overflows(codes[i]!, codes[i + 1]!)) return true;
  return false;
}

/** Chooses the factor for the scale of a row, at least 1, by the squared error, and the codes at it. */
function fitFactor(row: Float64Array, codes: Int16Array): number {
  let greatest = MAX_PAIR;
  for (let i = 0; i < row.length; i += 2) greatest = Math.max(greatest, Math.abs(row[i]! + row[i + 1]!));
  let [best, least] = [1, Infinity];
  for (let step = 0; step <= TRIED; step++) {
    const factor = 1 + ((greatest / MAX_PAIR - 1) * step) / TRIED;
    const error = roundPairs(row, factor, codes);
    if (error < least) [best, least] = [factor, error];
  }
  roundPairs(row, best, codes);
  return best;
}

/** Rounds at a larger scale. @returns squared error, in steps of the scale that there was */
function roundPairs(row: Float64Array, factor: number, codes: Int16Array): number {
  let error = 0;
  for (let i = 0; i < row.length; i += 2) {
    const [a, b] = [row[i]! / factor, row[i + 1]! / factor];
    let [code, neighbour] = [roundHalfToEven(a), roundHalfToEven(b)];
    if (overflows(code, neighbour)) {
      // Both have the same sign: the nearest point of those whose magnitudes add up to the most that there may be.
      const sign = Math.sign(code);
      const share = Math.round((MAX_PAIR + Math.abs(a) - Math.abs(b)) / 2);
      code = sign * Math.max(1, Math.min(MAX_PAIR - 1, share));
      neighbour = sign * MAX_PAIR - code;
    }
    error += (a - code) ** 2 + (b - neighbour) ** 2;
    codes[i] = code;
    codes[i + 1] = neighbour;
  }
  return error * factor ** 2;
}
