import { quoted } from '../base/quoted';
import { existsSync } from 'node:fs';
import { writeTextFile } from '../files/newFile';
import { UserError } from '../base/UserError';
import type { MeasurementSummary, MeasureRequest } from '../core/measure/MeasureRequest';
import {
  ACTIVATIONS,
  LEAVE_ONE_OUT,
  repairedVariant,
  type Level,
  type Measurement,
  type Variant,
} from '../core/measure/Measurement';
import { meanStability, stabilityText, type RankStability } from '../core/measure/stability';
import { floatChoices, leaveInFloat } from '../core/recipe/floatChoices';
import type { Recipe } from '../core/recipe/recipe';
import { formatRecipe } from '../core/recipe/recipeText';
import { NO_REPAIR } from '../core/recipe/repair';
import { formatDb } from '../core/report/format';
import type { SchemeId } from '../core/scheme/scheme';
import { COMMON_SCHEMES, readSchemes } from '../core/scheme/schemeLists';
import type { Command } from './Command';
import { ProgressBar } from './ProgressBar';
import { RECIPE_OPTIONS, recipeFrom } from './recipeOptions';
import { formatTable } from './table';
import { toJson } from './toJson';
import { readArguments, UsageError } from './usage';

const DEFAULT_SAMPLES = 16;

type Context = Parameters<Command>[1];

type WithoutLayers<R> = R extends unknown ? Omit<R, 'layers'> : never;

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
    repair: { type: 'string' },
    ...RECIPE_OPTIONS,
  });
  const { repair, ...choices } = values;
  const named = values.schemes === undefined ? COMMON_SCHEMES : parseSchemes(values.schemes);
  const level = parseLevel(values.level ?? 'weights');
  const schemes: readonly Variant[] = isRepaired(repair, level) ? named.map(repairedVariant) : named;
  for (const option of ['others', 'propose'] as const)
    if (values[option] && level !== 'model')
      throw new UsageError(`--${option} is about the model's outputs: say --level model as well.`);
  if (level === 'weights') {
    const { measurements } = await measureAll({ path: model, level, schemes }, undefined, context);
    process.stdout.write(
      values.json
        ? toJson({ layers: measurements.map(plain) })
        : `${HEADINGS.weights}\n\n${describe(measurements, schemes)}`,
    );
    return;
  }
  const recipe = await recipeFrom(choices);
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
    ...(others ? [LEAVE_ONE_OUT] : []),
  ];
  const silenceMs = positive(values.timeout ?? '120') * 1000;
  const { measurements, summary } = await measureAll(request, silenceMs, context);
  const stability = meanStability(summary.stability, schemes);
  process.stdout.write(
    values.json
      ? toJson({ level, ...summary, stability, layers: measurements.map(plain) })
      : `${HEADINGS[level]}\n${summaryText(summary, stability)}\n\n${describe(measurements, columns)}`,
  );
  if (values.propose) await writeProposal(values.propose, recipe, measurements, summary);
};

/** Writes the recipe with those layers in float that spoil the outputs most. @throws UserError if the file exists, or cannot be written */
async function writeProposal(
  file: string,
  recipe: Recipe,
  measurements: readonly Measurement[],
  summary: MeasurementSummary,
): Promise<void> {
  const ofModel = measurements.filter((each) => each.level === 'model');
  const proposed = floatChoices(recipe, ofModel, summary.recipe).filter((choice) => choice.proposed);
  if (existsSync(file))
    throw new UserError(
      `${file} exists already, and a recipe is never written over: name another file with --propose.`,
    );
  await writeTextFile(file, formatRecipe(leaveInFloat(recipe, proposed)), false);
}

const HEADINGS: Readonly<Record<Level, string>> = {
  weights: 'Weight error (SQNR) of every layer; no data involved.',
  layer: "Layer output error (SQNR): each layer's own output, its inputs being those of the float model.",
  model: "Model output error (SQNR): the model's outputs, one layer quantized at a time.",
};

/** Measures all layers that can be quantized. @returns those that were measured, in the model's order */
async function measureAll(
  request: WithoutLayers<MeasureRequest>,
  silenceMs: number | undefined,
  { engine, signal }: Context,
): Promise<{ measurements: readonly Measurement[]; summary: MeasurementSummary }> {
  const inspection = await engine.call('inspect', { path: request.path }, { signal });
  const layers = inspection.layers.filter(({ quantized }) => quantized === null).map(({ name }) => name);
  const found = new Map<string, Measurement>();
  const bar = new ProgressBar();
  try {
    const summary = await engine.call(
      'measure',
      { ...request, layers },
      {
        signal,
        silenceMs,
        onProgress: ({ measurements, done, total }) => {
          for (const each of measurements) found.set(each.layer, each);
          bar.update('measuring', done / Math.max(1, total));
        },
      },
    );
    return { measurements: layers.flatMap((name) => found.get(name) ?? []), summary };
  } finally {
    bar.clear();
  }
}

function parseSchemes(list: string): readonly SchemeId[] {
  const schemes = readSchemes(list);
  if (typeof schemes === 'string') throw new UsageError(schemes);
  return schemes;
}

function parseLevel(text: string): Level {
  if (text === 'weights' || text === 'layer' || text === 'model') return text;
  throw new UsageError(`${quoted(text)} is no level; these are weights, layer and model.`);
}

/** Whether codes are chosen for the layer's output. @throws UsageError if that cannot be told layer by layer */
function isRepaired(repair: string | undefined, level: Level): boolean {
  if (repair === undefined || repair === NO_REPAIR) return false;
  if (repair !== 'gptq')
    throw new UsageError(`${quoted(repair)} is no repair of single layers; write gptq, or off.`);
  if (level === 'weights')
    throw new UsageError('--repair is about outputs: say --level layer or --level model as well.');
  return true;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${quoted(text)} is no whole number above zero.`);
  return value;
}

/** A layer as the JSON has it. */
function plain({ layer, errors, problem }: Measurement) {
  return { name: layer, schemes: errors, ...(problem && { problem }) };
}

function summaryText(
  { inputs, samples, recipe }: MeasurementSummary,
  stability: readonly RankStability[],
): string {
  const data =
    inputs === 'synthetic' ? 'synthetic inputs (random numbers, not real data)' : 'samples of your data';
  const whole = recipe
    ? `\nThe model as the recipe makes it: ${formatDb(recipe.sqnrDb)}; under ${LEAVE_ONE_OUT}, the same with that layer in float, its input as well.`
    : '';
  return `Measured on ${samples} ${data}.${stabilityText(stability)}${whole}`;
}

/** Says how many outputs could not be compared under the variant where these are most; empty if all could. */
function notComparedText(errors: Measurement['errors']): string {
  const counts = Object.values(errors).map((error) => ('notCompared' in error && error.notCompared) || 0);
  const most = Math.max(0, ...counts);
  return most === 0 ? '' : `${most} outputs not compared: other sizes`;
}

function describe(measurements: readonly Measurement[], variants: readonly Variant[]): string {
  return formatTable(
    [
      { title: 'layer', align: 'left' },
      ...variants.map((title) => ({ title, align: 'right' as const })),
      { title: '', align: 'left' },
    ],
    measurements.map(({ layer, errors, problem }) => [
      layer,
      ...variants.map((id) => (errors[id] ? formatDb(errors[id].sqnrDb) : '–')),
      problem ?? notComparedText(errors),
    ]),
  );
}
