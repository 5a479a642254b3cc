import type { Groups } from '../Groups';
import type { ScalarQuantizer } from './Grid';
import type { Rounded } from './roundByMoments';
import { rowSets, type InputShape } from './RowSet';

/** A weight rounded, with the quantizer whose levels its values are. */
export interface RoundedAnew<Q> extends Rounded {
  readonly quantizer: Q;
}

/** The outputs that each row of a quantizer makes, or all in one list where rows share a scale. */
export function outputsOfRows(
  { rows, cols, perRow }: Groups,
  shape: InputShape,
  taps: number | null,
): readonly (readonly number[])[] {
  const outputs: number[][] = Array.from({ length: perRow === 0 ? 1 : rows }, () => []);
  for (const { first, rows: count, output, outputStride } of rowSets(rows, cols, shape, taps))
    for (let r = 0; r < count; r++) outputs[perRow === 0 ? 0 : first + r]!.push(output + r * outputStride);
  return outputs;
}

export function sumOver(outputs: readonly number[], errors: Float64Array): number {
  return outputs.reduce((sum, output) => sum + errors[output]!, 0);
}

/**
 * Puts the better rows of two roundings together, that differ in scales and codes; of equal ones, the first's.
 * @param outputs see `outputsOfRows`
 */
export function betterRows<Q extends ScalarQuantizer>(
  one: RoundedAnew<Q>,
  other: RoundedAnew<Q>,
  outputs: readonly (readonly number[])[],
): RoundedAnew<Q> {
  const better = outputs.map((each) => sumOver(each, other.after) < sumOver(each, one.after));
  const { cols, perRow } = one.quantizer.groups;
  const after = one.after.slice();
  outputs.forEach((each, row) => {
    if (better[row]) for (const output of each) after[output] = other.after[output]!;
  });
  const values = one.values.map((value, i) =>
    better[perRow === 0 ? 0 : Math.floor(i / cols)] ? other.values[i]! : value,
  );
  return {
    quantizer: withScalesOf(one.quantizer, other.quantizer, better),
    values,
    before: one.before,
    after,
  };
}

/** A quantizer with the scales of another one, which differs in nothing else, in some of its rows. */
function withScalesOf<Q extends ScalarQuantizer>(quantizer: Q, other: Q, rows: readonly boolean[]): Q {
  const { perRow } = quantizer.groups;
  const pick = <T extends Float32Array | Int32Array>(own: T, second: T) =>
    own.map((scale, group) => (rows[Math.floor(group / Math.max(1, perRow))] ? second[group]! : scale));
  if (quantizer.kind === 'log' && other.kind === 'log')
    return { ...quantizer, exponents: pick(quantizer.exponents, other.exponents) };
  if ('scales' in quantizer && 'scales' in other)
    return { ...quantizer, scales: pick(quantizer.scales, other.scales) };
  return quantizer;
}
