import { formatScheme, parseScheme } from '../../../../src/core/scheme/schemeSyntax';
import { optionsOf } from '../../../../src/core/scheme/schemeOptions';

/** Texts of all schemes that some changes of one option each lead to. */
export function reachable(changes = 4): ReadonlySet<string> {
  const seen = new Set<string>(['int8']);
  let edge = [...seen];
  for (let i = 0; i < changes; i++) {
    const next = edge.flatMap((text) =>
      optionsOf(parseScheme(text)!).flatMap((option) => {
        const values =
          option.kind === 'choice'
            ? option.choices.map(({ value }) => value)
            : [option.least, option.most].map(String);
        return values.map((value) => formatScheme(option.apply(value)!));
      }),
    );
    edge = [...new Set(next)].filter((text) => !seen.has(text));
    for (const text of edge) seen.add(text);
  }
  return seen;
}
