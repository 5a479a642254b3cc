/** How activations are quantized, as a text in a recipe: `uint8`, `int8/mse`, `uint8/p99.9`. */

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

const PATTERN = /^(u?int8)(?:\/(minmax|average|mse|entropy|p(\d{2,3}(?:\.\d{1,4})?)))?$/;

/** What a text stands for; null if nothing. */
export function parseActivations(text: unknown): ActivationSpec | null {
  const match = typeof text === 'string' ? PATTERN.exec(text) : null;
  if (!match) return null;
  const [, type, method = 'minmax', digits] = match;
  const symmetric = type === 'int8';
  if (digits === undefined) return { symmetric, range: { method: method as 'minmax' } };
  const percent = Number(digits);
  return percent >= 50 && percent <= 100 ? { symmetric, range: { method: 'percentile', percent } } : null;
}
