import { ALL_FAMILIES } from '../../../../src/core/scheme/families';
import { canonicalScheme, type SchemeId } from '../../../../src/core/scheme/scheme';
import { ALL_SCHEMES, LOW_BIT_SCHEMES } from '../../../../src/core/scheme/schemeLists';

/** Each format at each width, each with every option by itself at one width, and all listed schemes: whatever families there are. */
export const EVERY_SCHEME: readonly SchemeId[] = canonical([
  ...ALL_SCHEMES,
  ...LOW_BIT_SCHEMES,
  ...ALL_FAMILIES.flatMap(({ formats, options }) =>
    formats.flatMap(({ names, many }) => {
      const all = many?.examples ?? names;
      const one = all[Math.floor(all.length / 2)]!;
      return [...all, ...options.flatMap(({ examples }) => examples.map((word) => `${one}/${word}`))];
    }),
  ),
  // Options together.
  ...['uint3/block17/mse', 'int4/tensor/p99', 'uint4/tensor/p99', 'int8/tensor/entropy', 'log8/tensor/mse'],
  ...['log4/sqrt2/block16', 'fp8e5m2/tensor/mse', 'nf4/tensor/mse', 'uint8/sym/block64', 'vq6x7/parts3'],
]).filter((id) => id !== 'float');

function canonical(texts: readonly string[]): SchemeId[] {
  return [...new Set(texts.map(canonicalScheme))].filter((id) => id !== null);
}
