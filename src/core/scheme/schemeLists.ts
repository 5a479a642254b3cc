/** Lists of schemes: by a preset's name, as a user writes them, and as they are put together. */
import { quoted } from '../../base/quoted';
import { ALL_FAMILIES } from './families';
import type { Preset } from './families/SchemeFamily';
import { canonicalScheme, specOf, type SchemeId } from './scheme';
import { codeBits } from './schemeOptions';

/** Lists that have a name. */
export const SCHEME_PRESETS: Readonly<Record<Preset, readonly SchemeId[]>> = {
  common: preset('common'),
  'low-bit': preset('low-bit'),
  all: preset('all'),
};

/** Schemes that people mostly choose between, with the least error first. */
export const COMMON_SCHEMES = SCHEME_PRESETS.common;

/** Schemes of 4 bits and below. */
export const LOW_BIT_SCHEMES = SCHEME_PRESETS['low-bit'];

/** One of each kind and size: what the bake-off compares. */
export const ALL_SCHEMES = SCHEME_PRESETS.all;

/** The families' entries for a list, more bits first. */
function preset(name: Preset): readonly SchemeId[] {
  const schemes = ALL_FAMILIES.flatMap(({ presets }) => presets[name] ?? []);
  const bits = new Map(schemes.map((id) => [id, codeBits(specOf(id))]));
  return schemes.sort((a, b) => bits.get(b)! - bits.get(a)!);
}

/** A sentence about a text that is no scheme. */
export function notAScheme(text: string): string {
  return `${quoted(text)} is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.`;
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
    if (isPreset(word)) {
      schemes.push(...SCHEME_PRESETS[word]);
      continue;
    }
    const scheme = canonicalScheme(word);
    if (scheme === null) return notAScheme(word);
    if (scheme === 'float') return 'float leaves the weights as they are, so it has no error to show.';
    schemes.push(scheme);
  }
  return [...new Set(schemes)];
}

function isPreset(word: string): word is Preset {
  return Object.hasOwn(SCHEME_PRESETS, word);
}
