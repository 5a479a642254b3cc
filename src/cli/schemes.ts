import { describeScheme } from '../core/scheme/describeScheme';
import { SCHEME_PRESETS } from '../core/scheme/schemeLists';
import { FORMATS, OPTIONS, shortened } from '../core/scheme/schemeTable';
import type { Command } from './Command';
import { formatTable } from './table';
import { readOptions } from './usage';

export const schemes: Command = (args) => {
  const { json } = readOptions(args, { json: { type: 'boolean' } });
  process.stdout.write(json ? toJson() : describe());
  return Promise.resolve();
};

/** Fields are only ever added to this. */
function toJson(): string {
  const presets = Object.entries(SCHEME_PRESETS).map(
    ([name, list]) =>
      [name, list.map((scheme) => ({ scheme, description: describeScheme(scheme) }))] as const,
  );
  return `${JSON.stringify({ formats: FORMATS, options: OPTIONS, presets: Object.fromEntries(presets) }, null, 2)}\n`;
}

function describe(): string {
  const formats = formatTable(
    [
      { title: 'format', align: 'left' },
      { title: 'options', align: 'left' },
      { title: '', align: 'left' },
    ],
    FORMATS.map(({ names, options, description }) => [
      shortened(names).join(' '),
      options.join(', '),
      description,
    ]),
  );
  const options = formatTable(
    [
      { title: 'option', align: 'left' },
      { title: 'written', align: 'left' },
      { title: '', align: 'left' },
    ],
    Object.entries(OPTIONS).map(([name, { values, description }]) => [name, values.join(' '), description]),
  );
  const presets = Object.entries(SCHEME_PRESETS).map(([name, list]) => `${name}:\n${wrap(list)}`);
  return `${formats}\n${options}\n${presets.join('\n')}`;
}

function wrap(list: readonly string[]): string {
  const lines = [''];
  for (const scheme of list) {
    if (lines.at(-1)!.length + scheme.length > 90) lines.push('');
    lines.push(`${lines.pop()!}  ${scheme}`);
  }
  return `${lines.join('\n')}\n`;
}
