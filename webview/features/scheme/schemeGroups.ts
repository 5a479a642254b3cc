import type { Recipe } from '../../../src/core/recipe/recipe';
import { FLOAT, type SchemeId } from '../../../src/core/scheme/scheme';
import { ALL_SCHEMES, COMMON_SCHEMES, LOW_BIT_SCHEMES } from '../../../src/core/scheme/schemeLists';

const early = new Set([...COMMON_SCHEMES, ...LOW_BIT_SCHEMES]);

/** All listed schemes, each once, as a drop-down groups them. */
export const SCHEME_GROUPS: readonly { readonly label: string; readonly schemes: readonly SchemeId[] }[] = [
  { label: 'Common', schemes: [FLOAT, ...COMMON_SCHEMES] },
  { label: 'Low-bit', schemes: LOW_BIT_SCHEMES.filter((id) => !COMMON_SCHEMES.includes(id)) },
  { label: 'More', schemes: ALL_SCHEMES.filter((id) => !early.has(id)) },
];

/** Schemes of the groups. */
export const LISTED: ReadonlySet<SchemeId> = new Set(SCHEME_GROUPS.flatMap(({ schemes }) => schemes));

/** Schemes that a recipe chooses and no list has. */
export function unlistedSchemes(recipe: Recipe): readonly SchemeId[] {
  const chosen = new Set([recipe.default, ...Object.values(recipe.layers)]);
  return [...chosen].filter((id) => !LISTED.has(id)).sort();
}
