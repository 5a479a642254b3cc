import { formatDb } from '../shared/format';
import type { LayerAnalysis } from '../shared/measures';
import { COMMON_SCHEMES, type SchemeId } from '../shared/scheme';
import { readSchemes } from '../shared/schemeLists';
import type { Command } from './Command';
import { ProgressBar } from './ProgressBar';
import { formatTable } from './table';
import { readArguments, UsageError } from './usage';

export const sensitivity: Command = async (args, { engine, signal }) => {
  const { values, model } = readArguments(args, { json: { type: 'boolean' }, schemes: { type: 'string' } });
  const schemes = values.schemes === undefined ? COMMON_SCHEMES : parseSchemes(values.schemes);
  const layers: LayerAnalysis[] = [];
  const bar = new ProgressBar();
  try {
    await engine.call(
      'analyse',
      { path: model, schemes },
      {
        signal,
        onProgress: (batch) => {
          layers.push(...batch.layers);
          bar.update(`${batch.done} of ${batch.total} layers`, batch.total ? batch.done / batch.total : 1);
        },
      },
    );
  } finally {
    bar.clear();
  }
  process.stdout.write(values.json ? toJson(layers) : describe(layers, schemes));
};

function parseSchemes(list: string): readonly SchemeId[] {
  const schemes = readSchemes(list);
  if (typeof schemes === 'string') throw new UsageError(schemes);
  return schemes;
}

function toJson(layers: readonly LayerAnalysis[]): string {
  const plain = layers.map(({ name, schemes, problem }) => ({ name, schemes, ...(problem && { problem }) }));
  return `${JSON.stringify({ layers: plain }, null, 2)}\n`;
}

function describe(layers: readonly LayerAnalysis[], schemes: readonly SchemeId[]): string {
  const table = formatTable(
    [
      { title: 'layer', align: 'left' },
      ...schemes.map((title) => ({ title, align: 'right' as const })),
      { title: '', align: 'left' },
    ],
    layers.map(({ name, schemes: errors, problem }) => [
      name,
      ...schemes.map((id) => (errors[id] ? formatDb(errors[id].sqnrDb) : '–')),
      problem ?? '',
    ]),
  );
  return `Weight error (SQNR) of every layer; no data involved.\n\n${table}`;
}
