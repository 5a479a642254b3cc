/**
 * The text of a scheme: a format and, after slashes, what differs from its defaults, as in `int4/block32/mse`. `FAMILIES`
 * has the formats and their options; `quantscope schemes` lists them.
 */
import { ALL_FAMILIES, familyOf, type SchemeSpec } from './families';
import type { Format, SchemeFamily } from './families/SchemeFamily';

/** Reads a scheme's text; null if it is none. Options may come in any order, each once. */
export function parseScheme(text: string): SchemeSpec | null {
  const [name, ...words] = text.split('/');
  const found = formatOf(name!);
  return found && readOptions(found.format.make(name!), found.family, words);
}

/** The canonical text: defaults are left out, options in a fixed order. */
export function formatScheme(spec: SchemeSpec): string {
  const { nameOf, options } = familyOf(spec);
  const name = nameOf(spec);
  const defaults = formatOf(name)!.format.make(name);
  const words = options
    .map((option) => [option.write(spec), option.write(defaults)] as const)
    .filter(([word, usual]) => word !== usual)
    .map(([word]) => word);
  return [name, ...words].join('/');
}

interface Found {
  readonly family: SchemeFamily<SchemeSpec>;
  readonly format: Format<SchemeSpec>;
}

/** The format of this name. */
export function formatOf(name: string): Found | null {
  const named = NAMED.get(name);
  if (named) return named;
  return PATTERNED.find(({ format }) => new RegExp(`^${format.many!.pattern}$`).test(name)) ?? null;
}

const FORMATS: readonly Found[] = ALL_FAMILIES.flatMap((family) =>
  family.formats.map((format) => ({ family, format })),
);
const PATTERNED = FORMATS.filter(({ format }) => format.many);
const NAMED: ReadonlyMap<string, Found> = new Map(
  FORMATS.filter(({ format }) => !format.many).flatMap((found) =>
    found.format.names.map((name) => [name, found] as const),
  ),
);

function readOptions(
  base: SchemeSpec,
  { options, isSound }: SchemeFamily<SchemeSpec>,
  words: readonly string[],
): SchemeSpec | null {
  let spec = base;
  const left = new Set(options);
  for (const word of words) {
    const option = [...left].find((candidate) => candidate.read(word, spec));
    if (!option) return null;
    left.delete(option);
    spec = { ...spec, ...option.read(word, spec) } as SchemeSpec;
  }
  return isSound?.(spec) === false ? null : spec;
}
