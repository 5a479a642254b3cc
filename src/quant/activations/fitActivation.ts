import type { ActivationSpec } from '../../core/scheme/activations';
import { roundHalfToEven } from '../../core/scheme/roundHalfToEven';
import { specOf } from '../../core/scheme/scheme';
import type { AffineSpec, Granularity, Range } from '../../core/scheme/SchemeSpec';
import type { GroupStats } from '../GroupStats';
import { groupsOf } from '../Groups';
import type { AffineQuantizer, Quantizer } from '../Quantizer';
import type { RangeSource } from '../ranges/RangeSource';
import { fitAffine } from '../schemes/affine';
import type { ActivationObserver } from './ActivationObserver';

/** Parts that a bin is cut into where levels are closer than bins: all values may lie in one. */
const MAX_STEPS = 4096;
/** With room for the rounding up. */
const MAX_COUNTED = 2 ** 32 - 2 ** 20;

/**
 * Scale and zero point of an observed activation: the same searches as for weights, asked of its histogram.
 * @throws Error if the observer saw nothing
 */
export function fitActivation(
  { symmetric, range }: ActivationSpec,
  observer: ActivationObserver,
): AffineQuantizer {
  if (observer.count === 0) throw new Error('Nothing was observed.');
  const full: Range = { method: 'minmax' };
  const integers = specOf(symmetric ? 'int8/tensor' : 'uint8/tensor') as AffineSpec;
  const spec = { ...integers, range: range.method === 'average' ? full : range };
  const ends = range.method === 'average' ? observer.average : observer;
  return fitAffine(spec, sourceOf(observer, ends));
}

/** An observer as a source of ranges: the tensor is one group, its values are in a histogram. */
function sourceOf(
  observer: ActivationObserver,
  { least, greatest }: { readonly least: number; readonly greatest: number },
): RangeSource {
  const stats: GroupStats = {
    groups: groupsOf(1, observer.count, 'tensor'),
    min: Float64Array.of(least),
    max: Float64Array.of(greatest),
    sumAbs: Float64Array.of(observer.sumAbs),
    sumSquares: Float64Array.of(observer.sumSquares),
  };
  return {
    stats: (granularity: Granularity) => {
      if (granularity !== 'tensor') throw new Error('An activation has one scale.');
      return stats;
    },
    noise: (quantizer) => Float64Array.of(activationNoise(observer, quantizer)),
    histogram: (lo, hi, bins) => rebinned(observer, lo, hi, bins),
    eachGroup: () => {
      throw new Error('An activation is not at hand as a whole.');
    },
  };
}

/** Squared error of the observed values together, as if those of a bin were spread evenly over it. */
export function activationNoise(observer: ActivationObserver, quantizer: Quantizer): number {
  if (quantizer.kind !== 'affine') throw new Error('Activations are quantized to integers.');
  const { qmin, qmax } = quantizer;
  const scale = quantizer.scales[0]!;
  const zeroPoint = quantizer.zeroPoints?.[0] ?? 0;
  let noise = 0;
  observer.forEachBin((from, to, count) => {
    const steps = Math.min(MAX_STEPS, Math.max(1, Math.ceil((2 * (to - from)) / scale)));
    const width = (to - from) / steps;
    for (let step = 0; step < steps; step++) {
      const value = from + (step + 0.5) * width;
      const code = Math.min(qmax, Math.max(qmin, Math.round(value / scale) + zeroPoint));
      const error = value - (code - zeroPoint) * scale;
      noise += (count / steps) * (error * error + (width * width) / 12);
    }
  });
  return noise;
}

/**
 * The same counts in other bins, each given to the bin that holds its middle; bins at the ends get what lies beyond. If they are more than a Uint32Array
 * may hold, as zeros of many samples are, all are divided alike.
 */
export function rebinned(observer: ActivationObserver, lo: number, hi: number, bins: number): Uint32Array {
  const counts = new Float64Array(bins);
  const perUnit = bins / (hi - lo);
  observer.forEachBin((from, to, count) => {
    const bin = Math.floor(((from + to) / 2 - lo) * perUnit);
    counts[Math.min(bins - 1, Math.max(0, bin))]! += count;
  });
  const share = Math.min(1, MAX_COUNTED / observer.count);
  return Uint32Array.from(counts, (count) => Math.ceil(count * share));
}

/** Values as they come out of ONNX's QuantizeLinear and DequantizeLinear: half steps go to even codes. */
export function quantizedActivation(
  values: Float32Array,
  { scales, zeroPoints, qmin, qmax }: AffineQuantizer,
): Float32Array {
  const scale = scales[0]!;
  const zeroPoint = zeroPoints?.[0] ?? 0;
  return values.map((value) => {
    const code = roundHalfToEven(Math.fround(value / scale)) + zeroPoint;
    return (Math.min(qmax, Math.max(qmin, code)) - zeroPoint) * scale;
  });
}
