/** Lists of schemes: by a preset's name, as a user writes them, and as they are put together. */
import { ALL_SCHEMES, canonicalScheme, COMMON_SCHEMES, LOW_BIT_SCHEMES, type SchemeId } from './scheme';

/** Lists that have a name. */
export const SCHEME_PRESETS: Readonly<Record<string, readonly SchemeId[]>> = {
  common: COMMON_SCHEMES,
  'low-bit': LOW_BIT_SCHEMES,
  all: ALL_SCHEMES,
};

/** What to say of a text that is no scheme. */
export function notAScheme(text: string): string {
  return `${JSON.stringify(text)} is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.`;
}

/** Each scheme once: those that are compared by default in their order, then all others as they come. */
export function inOrder(schemes: readonly SchemeId[]): readonly SchemeId[] {
  const given = new Set(schemes);
  return [...ALL_SCHEMES.filter((id) => given.delete(id)), ...given];
}

/**
 * Schemes that are analysed, from a list of schemes' and presets' names with commas.
 * @returns the canonical texts, each once; or a sentence that says what is wrong
 */
export function readSchemes(list: string): readonly SchemeId[] | string {
  const schemes: SchemeId[] = [];
  for (const word of list.split(',').map((each) => each.trim())) {
    if (Object.hasOwn(SCHEME_PRESETS, word)) {
      schemes.push(...SCHEME_PRESETS[word]!);
      continue;
    }
    const scheme = canonicalScheme(word);
    if (scheme === null) return notAScheme(word);
    if (scheme === 'float') return 'float leaves the weights as they are, so it has no error to show.';
    schemes.push(scheme);
  }
  return [...new Set(schemes)];
}
