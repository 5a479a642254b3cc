/** Schemes by their text. */
import { quoted } from '../../base/quoted';
import { familyOf, type SchemeSpec } from './families';
import { formatScheme, parseScheme } from './schemeSyntax';

/** The canonical text of a scheme, as `int8` or `int4/block32/mse`; see `schemeSyntax`. */
export type SchemeId = string;

/** Leave the weights as they are. */
export const FLOAT: SchemeId = 'float';

/** The canonical text of what a user wrote; null if it is no scheme. */
export function canonicalScheme(value: unknown): SchemeId | null {
  const spec = typeof value === 'string' ? parseScheme(value) : null;
  return spec && formatScheme(spec);
}

export function isSchemeId(value: unknown): value is SchemeId {
  return typeof value === 'string' && value === canonicalScheme(value);
}

/**
 * The spec of a scheme.
 * @throws Error if the text is no scheme's: identifiers are checked where they come in
 */
export function specOf(id: SchemeId): SchemeSpec {
  const spec = parseScheme(id);
  if (!spec) throw new Error(`${quoted(id)} is no scheme.`);
  return spec;
}

/** Whether fitting takes seconds rather than milliseconds on a large layer. */
export function isSlow(id: SchemeId): boolean {
  return familyOf(specOf(id)).slow === true;
}
