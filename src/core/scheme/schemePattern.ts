/** A regular expression for the texts of schemes, where no parser can be: in the JSON schema and in settings. */
import { ALL_FAMILIES, type SchemeSpec } from './families';
import type { SchemeFamily } from './families/SchemeFamily';

/** It may let through options that do not go together; no scheme is refused. */
export function schemePattern(): string {
  return `^(${ALL_FAMILIES.map(familyPattern).join('|')})$`;
}

function familyPattern({ formats, options }: SchemeFamily<SchemeSpec>): string {
  const names = formats.map(({ names, many }) => many?.pattern ?? names.join('|')).join('|');
  if (options.length === 0) return names;
  const words = options.map(({ pattern }) => pattern).join('|');
  return `(${names})(/(${words}))${options.length === 1 ? '?' : '*'}`;
}
