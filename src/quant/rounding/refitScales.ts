import type { Moments } from '../moments/outputError';
import { sumOver, type RoundedAnew } from './betterRows';
import { gridOf, type ScalarQuantizer } from './Grid';
import { nearestLevels } from './nearestNumber';
import { rescaled, scaleFreedom } from './rescaled';
import { rowErrors } from './roundByMoments';
import { rowSets } from './RowSet';

/**
 * Multiplies the scale of each channel, its codes as they are, by the factor of least squared error of its outputs: t S vT / v S vT, t being the target, v the values and S the moments. Scales of
 * blocks and powers of two stay.
 * @param outputs see `outputsOfRows`
 */
export function refitScales<Q extends ScalarQuantizer>(
  target: Float32Array,
  rounded: RoundedAnew<Q>,
  moments: Moments,
  taps: number | null,
  outputs: readonly (readonly number[])[],
): RoundedAnew<Q> {
  const { quantizer, values } = rounded;
  const { groups } = quantizer;
  if (scaleFreedom(quantizer) !== 'any' || groups.perRow > 1) return rounded;
  const sets = rowSets(groups.rows, groups.cols, moments, taps);
  const zeros = new Float32Array(target.length);
  const squares = (of: Float32Array) => rowErrors(of, zeros, sets, groups.cols, moments);
  const [wanted, power] = [squares(target), squares(values)];
  const factors = outputs.map((each) => {
    // From |t - v|^2 = |t|^2 - 2 tv + |v|^2 follows tv.
    const product = (sumOver(each, wanted) + sumOver(each, power) - sumOver(each, rounded.after)) / 2;
    const factor = product / sumOver(each, power);
    return factor > 0 && factor < Infinity ? factor : 1;
  });
  const refitted = rescaled(quantizer, factors);
  const moved = nearestLevels(
    gridOf(refitted),
    values,
    (value, row) => value * factors[groups.perRow === 0 ? 0 : row]!,
  );
  return {
    quantizer: refitted,
    values: moved,
    before: rounded.before,
    after: rowErrors(target, moved, sets, groups.cols, moments),
  };
}
