import type { Recipe } from '../recipe/recipe';
import { specOf, type SchemeId } from './scheme';
import { formatScheme } from './schemeSyntax';

/**
 * The recipe with its symmetric 8-bit weights around zero in codes of -64 to 64 alone: of two products with `uint8` activations, the sum then fits
 * the 16 bits of CPUs with AVX2 but without VNNI (255 · 64 · 2 < 2^15). Weights whose range was chosen otherwise stay.
 */
export function withReducedRange(recipe: Recipe): Recipe {
  const layers = Object.entries(recipe.layers).map(([name, scheme]) => [name, sevenBits(scheme)] as const);
  return { ...recipe, default: sevenBits(recipe.default), layers: Object.fromEntries(layers) };
}

function sevenBits(scheme: SchemeId): SchemeId {
  const spec = specOf(scheme);
  if (spec.family !== 'affine' || spec.bits !== 8 || !spec.signed || !spec.symmetric) return scheme;
  if (spec.range.method !== 'minmax' || typeof spec.granularity === 'number') return scheme;
  return formatScheme({ ...spec, range: { method: 'clip', lower: 2, upper: 2 } });
}
