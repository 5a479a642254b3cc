import { printableJson } from '../base/quoted';
import { measureSensitivity } from '../client/measureSensitivity';
import { writeFile } from 'node:fs/promises';
import { floatChoices, leaveInFloat } from '../core/recipe/floatChoices';
import { formatDb } from '../core/report/format';
import type { LayerAnalysis } from '../core/measure/measures';
import { formatRecipe, type Recipe } from '../core/recipe/recipe';
import { type SchemeId } from '../core/scheme/scheme';
import { COMMON_SCHEMES, readSchemes } from '../core/scheme/schemeLists';
import {
  ACTIVATIONS,
  LEFT_IN_FLOAT,
  meanStability,
  type ModelOutputErrors,
  type OutputErrors,
  type RankStability,
  type SensitivityLevel,
  type SensitivityRequest,
  type SensitivitySummary,
} from '../core/measure/sensitivity';
import { UserError } from '../base/UserError';
import type { Command } from './Command';
import { ProgressBar } from './ProgressBar';
import { RECIPE_OPTIONS, recipeFrom } from './recipeOptions';
import { formatTable } from './table';
import { readArguments, UsageError } from './usage';

const DEFAULT_SAMPLES = 16;

type Context = Parameters<Command>[1];

/** One layer of the table: an SQNR for each scheme, or why there is none. */
interface Row {
  readonly name: string;
  readonly schemes: Readonly<Partial<Record<SchemeId, { readonly sqnrDb: number | null }>>>;
  readonly problem: string | null;
}

export const sensitivity: Command = async (args, context) => {
  const { values, model } = readArguments(args, {
    json: { type: 'boolean' },
    schemes: { type: 'string' },
    level: { type: 'string' },
    samples: { type: 'string' },
    timeout: { type: 'string' },
    activations: { type: 'string' },
    cache: { type: 'string' },
    others: { type: 'boolean' },
    propose: { type: 'string' },
    ...RECIPE_OPTIONS,
  });
  const schemes = values.schemes === undefined ? COMMON_SCHEMES : parseSchemes(values.schemes);
  const level = parseLevel(values.level ?? 'weights');
  for (const option of ['others', 'propose'] as const)
    if (values[option] && level !== 'model')
      throw new UsageError(`--${option} is about the model's outputs: say --level model as well.`);
  if (level === 'weights') {
    const layers = await weightErrors(model, schemes, context);
    process.stdout.write(
      values.json
        ? toJson({ layers: layers.map(plain) })
        : `${HEADINGS.weights}\n\n${describe(layers, schemes)}`,
    );
    return;
  }
  const recipe = await recipeFrom(values);
  const { calibration, shapes, activations } = recipe;
  if (calibration === null)
    throw new UserError(
      'Output errors are measured on data: name a folder with --calibration, or say "synthetic" for random numbers.',
    );
  const samples = positive(values.samples ?? String(DEFAULT_SAMPLES));
  const [others, cache] = [values.others ? recipe : null, values.cache ?? null];
  const data = { calibration, shapes, activations, samples };
  const request = { path: model, level, schemes, ...data, others, cache };
  const columns = [
    ...schemes,
    ...(activations !== null && level === 'model' ? [ACTIVATIONS] : []),
    ...(others ? [LEFT_IN_FLOAT] : []),
  ];
  const { rows, summary } = await outputErrors(request, positive(values.timeout ?? '120') * 1000, context);
  const stability = meanStability(summary.stability, schemes);
  process.stdout.write(
    values.json
      ? toJson({ level, ...summary, stability, layers: rows.map(plain) })
      : `${HEADINGS[level]}\n${summaryText(summary, stability)}\n\n${describe(rows, columns)}`,
  );
  if (values.propose) await writeProposal(values.propose, recipe, rows, summary);
};

/** Writes the recipe with those layers in float that spoil the outputs most. @throws UserError if the file is there already */
async function writeProposal(
  file: string,
  recipe: Recipe,
  rows: readonly Row[],
  summary: SensitivitySummary,
): Promise<void> {
  const known = rows.map(
    ({ name, schemes, problem }) =>
      ({ level: 'model', layer: name, errors: schemes, problem }) as ModelOutputErrors,
  );
  const proposed = floatChoices(recipe, known, summary.recipe).filter((choice) => choice.proposed);
  try {
    await writeFile(file, formatRecipe(leaveInFloat(recipe, proposed)), { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === 'EEXIST'
        ? `${file} exists already; a recipe is not written over.`
        : `The recipe ${file} could not be written.`,
    );
  }
}

const HEADINGS: Readonly<Record<SensitivityLevel, string>> = {
  weights: 'Weight error (SQNR) of every layer; no data involved.',
  layer: "Layer output error (SQNR): each layer's own output, its inputs being those of the float model.",
  model: "Model output error (SQNR): the model's outputs, one layer quantized at a time.",
};

async function weightErrors(
  path: string,
  schemes: readonly SchemeId[],
  { engine, signal }: Context,
): Promise<readonly LayerAnalysis[]> {
  const layers: LayerAnalysis[] = [];
  const bar = new ProgressBar();
  try {
    const onProgress = (batch: { layers: readonly LayerAnalysis[]; done: number; total: number }) => {
      layers.push(...batch.layers);
      bar.update(`${batch.done} of ${batch.total} layers`, batch.total ? batch.done / batch.total : 1);
    };
    await engine.call('analyse', { path, schemes }, { signal, onProgress });
  } finally {
    bar.clear();
  }
  return layers;
}

async function outputErrors(
  request: Omit<SensitivityRequest, 'layers' | 'temporary'>,
  silenceMs: number,
  { engine, signal }: Context,
): Promise<{ rows: readonly Row[]; summary: SensitivitySummary }> {
  const { layers } = await engine.call('inspect', { path: request.path }, { signal });
  const names = layers.filter(({ quantized }) => quantized === null).map(({ name }) => name);
  const known = new Map<string, OutputErrors>();
  const bar = new ProgressBar();
  try {
    const summary = await measureSensitivity(
      engine,
      { ...request, layers: names },
      {
        signal,
        silenceMs,
        onProgress: ({ layers: news, done, total }) => {
          for (const errors of news) known.set(errors.layer, errors);
          bar.update('measuring', done / Math.max(1, total));
        },
      },
    );
    const rows = names.flatMap((name) => {
      const errors = known.get(name);
      return errors ? [{ name, schemes: errors.errors, problem: errors.problem }] : [];
    });
    return { rows, summary };
  } finally {
    bar.clear();
  }
}

function parseSchemes(list: string): readonly SchemeId[] {
  const schemes = readSchemes(list);
  if (typeof schemes === 'string') throw new UsageError(schemes);
  return schemes;
}

function parseLevel(text: string): SensitivityLevel {
  if (text === 'weights' || text === 'layer' || text === 'model') return text;
  throw new UsageError(`"${text}" is no level; these are weights, layer and model.`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`"${text}" is no whole number above zero.`);
  return value;
}

function plain({ name, schemes, problem }: Row) {
  return { name, schemes, ...(problem && { problem }) };
}

function toJson(value: object): string {
  return `${printableJson(value)}\n`;
}

function summaryText(
  { inputs, samples, recipe }: SensitivitySummary,
  stability: readonly RankStability[],
): string {
  const data =
    inputs === 'synthetic' ? 'synthetic inputs (random numbers, not real data)' : 'samples of your data';
  const half = stability.at(-1);
  const stable = half
    ? ` Ranked by the first ${half.samples} alone, the layers' order correlates with this one by ${half.correlation.toFixed(2)} (Spearman, mean over schemes).`
    : '';
  const whole = recipe
    ? `\nThe model as the recipe makes it: ${formatDb(recipe.sqnrDb)}; under ${LEFT_IN_FLOAT}, the same with that layer in float, its input as well.`
    : '';
  return `Measured on ${samples} ${data}.${stable}${whole}`;
}

function describe(rows: readonly Row[], schemes: readonly SchemeId[]): string {
  return formatTable(
    [
      { title: 'layer', align: 'left' },
      ...schemes.map((title) => ({ title, align: 'right' as const })),
      { title: '', align: 'left' },
    ],
    rows.map(({ name, schemes: errors, problem }) => [
      name,
      ...schemes.map((id) => (errors[id] ? formatDb(errors[id].sqnrDb) : '–')),
      problem ?? '',
    ]),
  );
}
