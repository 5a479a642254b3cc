import type { FloatQuantizer, Quantizer } from '../Quantizer';
import { usableScale } from '../scales';

type Freedom = 'any' | 'powers of two' | null;

const FREEDOM_OF_FLOATS: { readonly [T in FloatQuantizer['scaleType']]: Freedom } = {
  float32: 'any',
  exponent: 'powers of two',
  none: null,
};

/** The factors that scales can be multiplied by; null if there are none to choose: levels that are fitted by themselves, or fixed. */
export function scaleFreedom(quantizer: Quantizer): Freedom {
  switch (quantizer.kind) {
    case 'affine':
      return 'any';
    case 'log':
      return 'powers of two';
    case 'binary':
      // Plain -1 and 1 have no scale.
      return quantizer.groups.perRow === 0 && quantizer.scales[0] === 1 ? null : 'any';
    case 'float':
      return FREEDOM_OF_FLOATS[quantizer.scaleType];
    case 'table':
      return quantizer.fitted === 'scales' ? 'any' : null;
    case 'vector':
      return null;
  }
}

/**
 * Returns the quantizer with its scales multiplied, as far as float32 arithmetic can work with them.
 * @param factors one per group, positive, of `scaleFreedom`
 */
export function rescaled<Q extends Quantizer>(quantizer: Q, factors: ArrayLike<number>): Q {
  const multiplied = (scales: Float32Array, usable: (scale: number, group: number) => number) =>
    scales.map((scale, group) =>
      factors[group] === 1 ? scale : Math.sign(scale) * usable(Math.abs(scale) * factors[group]!, group),
    );
  switch (quantizer.kind) {
    case 'affine': {
      const { scales, zeroPoints, qmin, qmax } = quantizer;
      const most = (group: number) => {
        const zeroPoint = zeroPoints?.[group] ?? 0;
        return Math.max(zeroPoint - qmin, qmax - zeroPoint, 1);
      };
      return { ...quantizer, scales: multiplied(scales, (scale, group) => usableScale(scale, most(group))) };
    }
    case 'log': {
      const { exponents, count } = quantizer;
      const moved = exponents.map((exponent, group) => exponent + Math.round(Math.log2(factors[group]!)));
      // All levels of a group are normal float32 numbers.
      return {
        ...quantizer,
        exponents: moved.map((exponent) => Math.min(127, Math.max(exponent, count - 127))),
      };
    }
    case 'float': {
      const { scales, format, scaleType } = quantizer;
      const most = 127 - Math.floor(Math.log2(format.max));
      const power = (scale: number) => Math.min(2 ** most, Math.max(scale, 2 ** -126));
      const usable = scaleType === 'exponent' ? power : (scale: number) => usableScale(scale, format.max);
      return { ...quantizer, scales: multiplied(scales, usable) };
    }
    case 'binary':
    case 'table':
      return { ...quantizer, scales: multiplied(quantizer.scales, (scale) => usableScale(scale, 1)) };
    case 'vector':
      return quantizer;
  }
}
