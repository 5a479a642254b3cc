/** How activations are quantized, as a text in a recipe: `uint8`, `int8/mse`, `uint8/p99.9`. */

import { PERCENTILE_PATTERN } from './options/range';

/** How the range of an activation is found: least to greatest, the mean of the samples' ranges, or as for weights. */
export type ActivationRange =
  | { readonly method: 'minmax' }
  | { readonly method: 'average' }
  | { readonly method: 'mse' }
  | { readonly method: 'entropy' }
  | { readonly method: 'percentile'; readonly percent: number };

/** One scale for each activation, 8 bits: int8 around zero, or uint8 with a zero point. */
export interface ActivationSpec {
  readonly symmetric: boolean;
  readonly range: ActivationRange;
}

export type ActivationScheme = string;

/** How one layer's input is quantized where it differs from the rest: with another range, or not at all. */
export type ActivationChoice = string;
export const FLOAT_ACTIVATIONS: ActivationChoice = 'float';

/** Ranges to choose from; a percentile may be another. */
export const ACTIVATION_RANGES = ['minmax', 'average', 'mse', 'entropy', 'p99.9', 'p99.99'] as const;

/** For editors, which cannot parse. */
export const RANGE_PATTERN = `minmax|average|mse|entropy|${PERCENTILE_PATTERN}`;
export const ACTIVATIONS_PATTERN = `^u?int8(/(${RANGE_PATTERN}))?$`;
export const ACTIVATION_EXAMPLES = ['uint8', 'uint8/mse', 'uint8/average', 'uint8/p99.99', 'int8'];

/** The spec that a text stands for; null if none. */
export function parseActivations(text: unknown): ActivationSpec | null {
  const [type, name = 'minmax', ...more] = typeof text === 'string' ? text.split('/') : [];
  const range = parseRange(name);
  if ((type !== 'uint8' && type !== 'int8') || !range || more.length > 0) return null;
  return { symmetric: type === 'int8', range };
}

/** A range by its name, as in `mse` or `p99.9`; null if there is none. */
export function parseRange(text: unknown): ActivationRange | null {
  if (text === 'minmax' || text === 'average' || text === 'mse' || text === 'entropy')
    return { method: text };
  const digits = typeof text === 'string' ? /^p(\d{2,3}(?:\.\d{1,4})?)$/.exec(text)?.[1] : undefined;
  const percent = Number(digits);
  return percent >= 50 && percent <= 100 ? { method: 'percentile', percent } : null;
}
