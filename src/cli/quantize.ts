import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exportModel } from '../client/exportModel';
import { parseActivations } from '../shared/activations';
import { readCalibration } from '../shared/calibration';
import { formatBytes, formatDb, formatShape } from '../shared/format';
import { EMPTY_RECIPE, readRecipe, type Recipe } from '../shared/recipe';
import type { ExportReport } from '../shared/report';
import {
  formatOutputError,
  inputsText,
  integersText,
  opsetText,
  reportMarkdown,
  slowerText,
} from '../shared/reportMarkdown';
import { canonicalScheme } from '../shared/scheme';
import { notAScheme } from '../shared/schemeLists';
import { UserError } from '../shared/UserError';
import type { Command } from './Command';
import { ProgressBar } from './ProgressBar';
import { formatTable } from './table';
import { readArguments, UsageError } from './usage';

export const quantize: Command = async (args, { engineOptions, signal }) => {
  const { values, model } = readArguments(args, {
    output: { type: 'string', short: 'o' },
    scheme: { type: 'string' },
    recipe: { type: 'string' },
    shape: { type: 'string', multiple: true },
    activations: { type: 'string' },
    calibration: { type: 'string' },
    format: { type: 'string' },
    force: { type: 'boolean' },
    'no-verify': { type: 'boolean' },
    timeout: { type: 'string' },
    report: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const { output } = values;
  if (output === undefined) throw new UsageError('Where to? Name the new model with -o OUT.');
  const chosen = await chooseRecipe(values.scheme, values.recipe);
  const recipe = withActivations(
    withFormat(withShapes(chosen, values.shape ?? []), values.format),
    values.activations,
    values.calibration,
  );
  const silenceMs = seconds(values.timeout ?? '120') * 1000;
  const bar = new ProgressBar();
  let report: ExportReport;
  try {
    report = await exportModel(
      { path: model, recipe, output, overwrite: values.force === true, verify: !values['no-verify'] },
      {
        ...engineOptions,
        signal,
        silenceMs,
        onProgress: ({ stage, fraction }) => bar.update(stage, fraction),
      },
    );
  } finally {
    bar.clear();
  }
  if (values.report) await writeFile(`${output}.report.md`, reportMarkdown(report));
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : describe(report));
};

async function chooseRecipe(scheme: string | undefined, file: string | undefined): Promise<Recipe> {
  if (scheme !== undefined && file !== undefined)
    throw new UsageError('Give --scheme or --recipe, not both.');
  if (file !== undefined) return readRecipeFile(file);
  if (scheme === undefined) return EMPTY_RECIPE;
  const chosen = canonicalScheme(scheme);
  if (chosen === null) throw new UsageError(notAScheme(scheme));
  return { ...EMPTY_RECIPE, default: chosen };
}

async function readRecipeFile(file: string): Promise<Recipe> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not valid JSON' : 'it cannot be read';
    throw new UserError(`The recipe ${file} is of no use: ${reason} (${(error as Error).message}).`);
  }
  const { recipe, problems } = readRecipe(value);
  if (problems[0]) throw new UserError(`The recipe ${file} is of no use: ${problems[0].message}`);
  return recipe;
}

function withShapes(recipe: Recipe, options: readonly string[]): Recipe {
  const shapes = options.map((option) => {
    const match = /^(.+)=([1-9]\d*(?:x[1-9]\d*)*)$/.exec(option);
    if (!match) throw new UsageError(`"${option}" is not a shape; write it as x=1x3x48x192.`);
    return [match[1]!, match[2]!.split('x').map(Number)] as const;
  });
  return { ...recipe, shapes: { ...recipe.shapes, ...Object.fromEntries(shapes) } };
}

/** Options over what a recipe says; a folder is relative to where the user is, in a recipe to the model. */
function withActivations(recipe: Recipe, activations?: string, data?: string): Recipe {
  if (activations !== undefined && !parseActivations(activations))
    throw new UsageError(
      `"${activations}" is no way to quantize activations; write uint8, int8 or uint8/mse.`,
    );
  const calibration =
    data === undefined
      ? recipe.calibration
      : readCalibration(data === 'synthetic' ? data : resolve(data), () => {});
  return { ...recipe, activations: activations ?? recipe.activations, calibration };
}

function withFormat(recipe: Recipe, option: string | undefined): Recipe {
  if (option === undefined) return recipe;
  const format = (['QDQ', 'QOperator'] as const).find((name) => name.toLowerCase() === option.toLowerCase());
  if (!format) throw new UsageError(`"${option}" is no format of integer layers; write qdq or qoperator.`);
  return { ...recipe, format };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 86_400))
    throw new UsageError(`"${text}" is no time in seconds between 1 and 86400.`);
  return value;
}

function describe(report: ExportReport): string {
  const { source, output, verification, opset, integers, layers, notes } = report;
  const table = formatTable(
    [
      { title: 'layer', align: 'left' },
      { title: 'scheme', align: 'left' },
      { title: 'weight SQNR', align: 'right' },
      { title: '', align: 'left' },
    ],
    layers.map(({ name, scheme, sqnrDb, note }) => [
      name,
      scheme,
      scheme === 'float' ? '' : formatDb(sqnrDb),
      note ?? '',
    ]),
  );
  const ratio = (output.bytes / source.bytes).toFixed(2);
  const lines = [
    `${output.path}: ${formatBytes(source.bytes)} → ${formatBytes(output.bytes)} (${ratio} of the source)`,
  ];
  lines.push(opsetText(opset), ...notes);
  if (integers) lines.push(integersText(integers));
  if (verification) {
    const shapes = Object.entries(verification.shapes).map(
      ([name, shape]) => `${name} ${formatShape(shape)}`,
    );
    lines.push(`model output error on ${inputsText(verification)}, ${shapes.join(', ')}:`);
    for (const error of verification.outputs) lines.push(`  ${error.name}  ${formatOutputError(error)}`);
    const { sourceMs, outputMs } = verification;
    lines.push(`time per run: ${sourceMs.toPrecision(3)} ms → ${outputMs.toPrecision(3)} ms`);
    const slower = slowerText(report);
    if (slower !== null) lines.push(slower);
  } else lines.push('not verified');
  return `${table}\n${lines.join('\n')}\n`;
}
