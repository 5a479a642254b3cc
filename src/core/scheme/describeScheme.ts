import { familyOf } from './families';
import { specOf, type SchemeId } from './scheme';

/** A scheme in words: a sentence. */
export function describeScheme(id: SchemeId): string {
  const spec = specOf(id);
  const { describe, options } = familyOf(spec);
  const details = options.map((option) => option.describe?.(spec) ?? '').filter((detail) => detail !== '');
  return `${[describe(spec), ...details].join(', ')}.`;
}
