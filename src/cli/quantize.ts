import { printable, quoted } from '../base/quoted';
import { exportModel } from '../client/exportModel';
import { formatBytes, formatDb, formatShape } from '../core/report/format';
import { isEqual, type ComparedOutput, type ExportReport } from '../core/report/report';
import {
  accuracyText,
  formatOutputError,
  inputsText,
  integersText,
  lossyKernelsText,
  opsetText,
  otherOutputsText,
  slowerText,
} from '../core/report/reportMarkdown';
import { repairSummary, repairText } from '../core/report/repairText';
import type { Command } from './Command';
import { ProgressBar } from './ProgressBar';
import { RECIPE_OPTIONS, recipeFrom } from './recipeOptions';
import { formatTable } from './table';
import { toJson } from './toJson';
import { readArguments, UsageError } from './usage';

export const quantize: Command = async (args, { engineOptions, signal }) => {
  const { values, model } = readArguments(args, {
    output: { type: 'string', short: 'o' },
    scheme: { type: 'string' },
    activations: { type: 'string' },
    format: { type: 'string' },
    cpu: { type: 'string' },
    repair: { type: 'string' },
    products: { type: 'string' },
    ...RECIPE_OPTIONS,
    force: { type: 'boolean' },
    'no-verify': { type: 'boolean' },
    timeout: { type: 'string' },
    cache: { type: 'string' },
    report: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const { output } = values;
  if (output === undefined)
    throw new UsageError('No output is named: say where the new model goes with -o OUT.');
  const recipe = await recipeFrom(values);
  const silenceMs = seconds(values.timeout ?? '120') * 1000;
  const bar = new ProgressBar();
  let report: ExportReport;
  try {
    report = await exportModel(
      {
        path: model,
        recipe,
        output,
        overwrite: values.force === true,
        report: values.report === true,
        verify: !values['no-verify'],
        cache: values.cache ?? null,
      },
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
  process.stdout.write(values.json ? toJson(withIdentical(report)) : describe(report));
};

/** Outputs say in a flag as well whether no difference was measured. */
function withIdentical({ verification, integers, ...report }: ExportReport) {
  const flagged = (outputs: readonly ComparedOutput[]) =>
    outputs.map((output) => ({ ...output, identical: isEqual(output) }));
  return {
    ...report,
    verification: verification && { ...verification, outputs: flagged(verification.outputs) },
    integers: integers && {
      ...integers,
      exactOutputs: integers.exactOutputs && flagged(integers.exactOutputs),
    },
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 86_400))
    throw new UsageError(`${quoted(text)} is no time in seconds between 1 and 86400.`);
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
  lines.push(...[repairSummary(report) ?? [], report.repairs.map(repairText)].flat(2));
  if (verification) {
    const shapes = Object.entries(verification.shapes).map(
      ([name, shape]) => `${name} ${formatShape(shape)}`,
    );
    lines.push(`model output error on ${inputsText(verification)}, ${shapes.join(', ')}:`);
    for (const error of verification.outputs) lines.push(`  ${error.name}  ${formatOutputError(error)}`);
    for (const sentence of [otherOutputsText(verification), accuracyText(verification)])
      if (sentence !== null) lines.push(sentence);
    const { sourceMs, outputMs } = verification;
    lines.push(`time per run: ${sourceMs.toPrecision(3)} ms → ${outputMs.toPrecision(3)} ms`);
    for (const warning of [lossyKernelsText(report), slowerText(report)])
      if (warning !== null) lines.push(warning);
  } else lines.push('not verified');
  return `${table}\n${lines.map((line) => printable(line, Infinity)).join('\n')}\n`;
}
