import { ALL_FAMILIES } from '../../src/core/scheme/families';
import { OPTIONS, shortened } from '../../src/core/scheme/schemeTable';

/** The README's tables of formats and of their options. */
export function readmeTables(): string {
  const formats = ALL_FAMILIES.map(({ formats: all, options, about }) => [
    all.map(({ names }) => codes(shortened(names))).join(', '),
    options.map(({ name }) => name).join(', '),
    about,
  ]);
  const options = Object.entries(OPTIONS).map(([name, { values, description }]) => [
    name,
    codes(values),
    description,
  ]);
  return `${table(['format', 'options', 'what it is'], formats)}\n\n${table(['option', 'written', ''], options)}\n`;
}

function codes(words: readonly string[]): string {
  return words
    .map((word) => (word === '…' ? word : `\`${word}\``))
    .join(', ')
    .replaceAll(', …, ', ' … ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
