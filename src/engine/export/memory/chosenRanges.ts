import { isRecord } from '../../../core/recipe/findProblems';
import type { ChosenActivationRange } from '../../../core/report/report';
import { parseRange } from '../../../core/scheme/activations';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import { integerWeights } from '../integers';
import { withFloatResults } from '../repairRanges';
import type { PassMemory } from './remembered';

/** Keeps scales and zero points of activations with other ranges than the recipe's. */
export const CHOSEN_RANGES: PassMemory = {
  pass: 'ranges',

  write({ integers: before }, { integers: after }) {
    if (!before || !after) return null;
    const changed = [...after.scales].filter(([name, quantizer]) => before.scales.get(name) !== quantizer);
    const numbers = changed.map(
      ([name, { scales, zeroPoints }]) => [name, Float32Array.of(scales[0]!, zeroPoints?.[0] ?? 0)] as const,
    );
    return {
      weights: new Map(),
      numbers: new Map(numbers),
      facts: { ranges: after.report.ranges ?? [], floatResults: after.plan !== before.plan },
    };
  },

  read(before, { numbers, facts }) {
    const { model, replacements } = before;
    const own = isRecord(facts) && isRecord(facts['own']) ? facts['own'] : {};
    const { ranges, floatResults } = own;
    const integers =
      before.integers && floatResults === true ? withFloatResults(before, before.integers) : before.integers;
    if (!integers || !Array.isArray(ranges) || !ranges.every((each) => isRange(each, integers.scales)))
      return null;
    const scales = new Map(integers.scales);
    for (const [name, values] of numbers) {
      const quantizer = quantizerLike(scales.get(name), values);
      if (!quantizer) return null;
      scales.set(name, quantizer);
    }
    const weights = integerWeights(model, integers.plan, scales, replacements);
    return { ...before, integers: { ...integers, scales, weights, report: { ...integers.report, ranges } } };
  },
};

function quantizerLike(like: AffineQuantizer | undefined, values: Float32Array): AffineQuantizer | null {
  const [scale, zeroPoint] = values;
  if (!like || values.length !== 2 || !(scale! > 0) || !Number.isFinite(scale)) return null;
  if (!Number.isInteger(zeroPoint) || zeroPoint! < like.qmin || zeroPoint! > like.qmax) return null;
  if (!like.zeroPoints && zeroPoint !== 0) return null;
  return {
    ...like,
    scales: Float32Array.of(scale!),
    zeroPoints: like.zeroPoints && Int32Array.of(zeroPoint!),
  };
}

function isRange(value: unknown, activations: ReadonlyMap<string, unknown>): value is ChosenActivationRange {
  if (!isRecord(value)) return false;
  const { activation, range, refined, readersGainDb } = value;
  return (
    typeof activation === 'string' &&
    activations.has(activation) &&
    typeof range === 'string' &&
    (range === 'given' || parseRange(range) !== null) &&
    typeof refined === 'boolean' &&
    typeof readersGainDb === 'number'
  );
}
