/**
 * Globs over paths: `*`, `?`, `[a-z]`, `{a,b}` and `**` for folders, in any case of letters. Matching takes time in proportion to the lengths of
 * pattern and path, whatever they are; the regular expressions that libraries make of globs can take for ever on hostile ones.
 */
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';

/** Characters of a pattern. */
const MAX_PATTERN = 4096;
/** Patterns without braces that one with them may stand for. */
const MAX_ALTERNATIVES = 256;
const SPECIAL = /[*?[{]/;

export interface Glob {
  /** The leading folders that are named by the pattern, which the others are seen from. */
  readonly base: string;
  /** @param path below the base, with / between folders */
  readonly matches: (path: string) => boolean;
}

/** A step that takes one item, or with `many` any number of them. */
interface Step<T> {
  readonly many: boolean;
  readonly takes: (item: T) => boolean;
}

/** @throws UserError if the pattern is too long, or its braces stand for too many patterns */
export function parseGlob(pattern: string): Glob {
  if (pattern.length > MAX_PATTERN)
    throw new UserError(`The pattern ${quoted(pattern)} is longer than ${MAX_PATTERN} characters.`);
  const folders = pattern.split('/');
  const special = folders.findIndex((name) => SPECIAL.test(name));
  const named = special < 0 ? folders.length : special;
  const alternatives = withoutBraces(folders.slice(named).join('/').toLowerCase()).map((each) =>
    each.split('/').map(folderStep),
  );
  return {
    base: named === 1 && folders[0] === '' ? '/' : folders.slice(0, named).join('/'),
    matches: (path) => {
      const names = path.toLowerCase().split('/');
      return alternatives.some((steps) => matchesAll(steps, names));
    },
  };
}

/** All patterns that one with braces stands for. */
function withoutBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const found = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (!found) done.push(next);
    else
      for (const part of found[1]!.split(','))
        open.push(next.slice(0, found.index) + part + next.slice(found.index + found[0].length));
    if (done.length + open.length > MAX_ALTERNATIVES)
      throw new UserError(
        `The braces of ${quoted(pattern)} stand for more than ${MAX_ALTERNATIVES} patterns.`,
      );
  }
  return done;
}

/** Hidden files and folders are matched by their dot alone, as in a shell. */
function folderStep(pattern: string): Step<string> {
  if (pattern === '**') return { many: true, takes: (name) => !name.startsWith('.') };
  const steps = characterSteps(pattern);
  const mayBeHidden = pattern.startsWith('.');
  return {
    many: false,
    takes: (name) => (mayBeHidden || !name.startsWith('.')) && matchesAll(steps, [...name]),
  };
}

function characterSteps(pattern: string): Step<string>[] {
  // A class in brackets, an escaped character, or one character.
  const parts = pattern.match(/\[[!^]?\]?[^\]]*\]|\\?[^]/gu) ?? [];
  return parts.map((part) => {
    if (part === '*') return { many: true, takes: () => true };
    if (part === '?') return { many: false, takes: () => true };
    const takes = part.length > 2 && part.startsWith('[') ? classOf(part.slice(1, -1)) : null;
    const character = part.length > 1 && part.startsWith('\\') ? part.slice(1) : part;
    return { many: false, takes: takes ?? ((item) => item === character) };
  });
}

/** @param content of brackets, as in `a-z_` or `!0-9` */
function classOf(content: string): (character: string) => boolean {
  const negated = /^[!^]/.test(content);
  const ranges = [...content.slice(negated ? 1 : 0).matchAll(/([^])-([^])|([^])/gu)].map(
    ([, from, to, sole]) => [from ?? sole!, to ?? sole!] as const,
  );
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated;
}

/** Whether steps take all items, one after the other: all ways to do so are followed at once (Thompson 1968). */
function matchesAll<T>(steps: readonly Step<T>[], items: readonly T[]): boolean {
  let reached = steps.map((_, i) => i === 0);
  reached.push(steps.length === 0);
  const pass = () => {
    for (let i = 0; i < steps.length; i++) if (reached[i] && steps[i]!.many) reached[i + 1] = true;
  };
  pass();
  for (const item of items) {
    const next = reached.map(() => false);
    steps.forEach(({ many, takes }, i) => {
      if (reached[i] && takes(item)) next[many ? i : i + 1] = true;
    });
    reached = next;
    pass();
  }
  return reached.at(-1)!;
}
