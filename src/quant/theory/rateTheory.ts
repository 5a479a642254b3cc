import type { RatePoint, RateTheory } from '../../core/measure/layerView';
import { GeneralizedGaussian } from './GeneralizedGaussian';
import { lloydMaxSqnr } from './lloydMax';

const LLOYD_MAX_BITS = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Bounds of rate-distortion theory for weights that are drawn independently, each channel from a generalized Gaussian with a variance of its own.
 * @param variances of the channels; those of variance 0 cost nothing
 * @param bits rates at which Shannon's bound is wanted
 */
export function rateTheory(shape: number, variances: Float64Array, bits: readonly number[]): RateTheory {
  const power = variances.reduce((sum, variance) => sum + variance, 0);
  if (!(power > 0)) return { shape, shannon: [], lloydMax: [] };
  const distribution = new GeneralizedGaussian(shape);
  return { shape, shannon: shannonBound(distribution, variances, bits), lloydMax: lloydMax(distribution) };
}

/**
 * Shannon's lower bound on the distortion (Cover and Thomas 2006, sections 10.3 and 10.4): a source takes at least the rate of the Gaussian with the same entropy power; of several Gaussians, each is
 * coded to the same distortion or, if its variance is below that, not at all (reverse water-filling).
 */
function shannonBound(
  { entropyPower }: GeneralizedGaussian,
  variances: Float64Array,
  bits: readonly number[],
): RatePoint[] {
  const powers = variances.map((variance) => variance * entropyPower);
  const signal = variances.reduce((sum, variance) => sum + variance, 0);
  return bits.map((rate) => {
    const water = waterLevel(powers, rate);
    const noise = powers.reduce((sum, power) => sum + Math.min(power, water), 0);
    return { bits: rate, sqnrDb: 10 * Math.log10(signal / noise) };
  });
}

/** The distortion of each channel at which the channels together take `rate` bits a weight. */
function waterLevel(powers: Float64Array, rate: number): number {
  const spent = (water: number) =>
    powers.reduce((sum, power) => sum + (power > water ? Math.log2(power / water) / 2 : 0), 0) /
    powers.length;
  const most = powers.reduce((a, b) => Math.max(a, b), 0);
  // Bisection of the exponent: the level lies up to 2 * rate bits, and what silent channels add, below the greatest power.
  let [low, high] = [Math.log2(most) - 200, Math.log2(most)];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (spent(2 ** middle) > rate) low = middle;
    else high = middle;
  }
  return 2 ** high;
}

/** With a scale per channel every channel is the same distribution, so that its variance does not matter. */
function lloydMax(distribution: GeneralizedGaussian): RatePoint[] {
  const sqnr = lloydMaxSqnr(distribution, 2 ** LLOYD_MAX_BITS.at(-1)!);
  return LLOYD_MAX_BITS.map((bits) => ({ bits, sqnrDb: sqnr[2 ** bits - 1]! }));
}
