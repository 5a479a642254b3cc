import { markdownCode, markdownText, quoted } from '../../base/quoted';
import { formatBytes, formatDb, formatShape, formatShare } from './format';
import { repairSummary, repairText } from './repairText';
import {
  isEqual,
  LOSSY_KERNELS_DB,
  isSlower,
  type ChosenActivationRange,
  type ExportReport,
  type IntegerReport,
  type OpsetReport,
  type ComparedOutput,
  type Verification,
} from './report';

/** Describes the error of one output, and on how many samples it could be compared if not on all. */
export function formatOutputError(error: ComparedOutput): string {
  const { compared, otherSize } = error;
  if (otherSize === 0 && compared === 0) return 'not compared: it is empty';
  if (otherSize === 0 && isEqual(error)) return formatDb('equal', compared);
  if (otherSize === 0) return differenceText(error);
  const all = compared + otherSize;
  if (compared === 0) return `not compared: its size depends on the data, and is another than the source's`;
  return `${differenceText(error)} on ${compared} of ${all} samples; on ${otherSize} its size, which depends on the data, is another than the source's`;
}

function differenceText(error: ComparedOutput): string {
  const { sqnrDb, top1Agreement, text } = error;
  if (isEqual(error)) return 'no difference measured';
  if (text || sqnrDb === null) return `same text ${formatShare(top1Agreement ?? 0)}`;
  if (sqnrDb === 'broken') return 'broken: NaN, infinite, or nothing but error';
  return top1Agreement === null
    ? formatDb(sqnrDb)
    : `${formatDb(sqnrDb)}, same top class ${formatShare(top1Agreement)}`;
}

/** Names the outputs that are no tensors, which are not compared; null without any. */
export function otherOutputsText({ otherOutputs }: Pick<Verification, 'otherOutputs'>): string | null {
  if (otherOutputs.length === 0) return null;
  const names = otherOutputs.map(quoted).join(', ');
  return `Not compared, as only tensors are: ${names}.`;
}

/** How many labels source and export find; null without labels. */
export function accuracyText({ accuracy }: Pick<Verification, 'accuracy'>): string | null {
  if (!accuracy) return null;
  const { source, output, labelled } = accuracy;
  return `Accuracy on ${labelled} labelled samples: ${formatShare(source)} → ${formatShare(output)}.`;
}

/** Names the inputs that two models were compared on. */
export function inputsText({ inputs, samples }: Pick<Verification, 'inputs' | 'samples'>): string {
  return inputs === 'synthetic'
    ? 'synthetic inputs (random numbers, not real data)'
    : `${samples} ${samples === 1 ? 'sample' : 'samples'} of your data that ranges were not taken from`;
}

/** Describes the layers that compute in integers, and says why others do not. */
export function integersText(report: IntegerReport): string {
  const { activations, calibration, samples, heldOut, nodes, integerKernels, left, forms } = report;
  const data =
    calibration === 'synthetic'
      ? 'synthetic samples (random numbers, not real data)'
      : heldOut === 0
        ? 'samples of your data'
        : `of ${samples + heldOut} samples of your data: the other ${heldOut} are held out to compare exports on`;
  if (nodes === 0)
    return `Nothing computes in integers, although activations as ${activations} were asked for: ${
      left.length === 0 ? 'no weight is quantized.' : `no layer can.${leftText(left)}`
    }`;
  // onnxruntime may multiply two quantized activations in integers as well, as in attention; these are none of our nodes.
  return `${Math.min(integerKernels, nodes)} of ${nodes} quantized nodes compute in integers in onnxruntime on this machine, activations as ${activations}, ranges from ${samples} ${data}.${leftText(left)}${forms === undefined ? '' : ` ${forms}`}`;
}

/** Layers that a sentence names; the report's JSON has all. */
const MAX_NAMED = 5;

/** A sentence for each reason why layers do not compute in integers. */
function leftText(left: IntegerReport['left']): string {
  const byReason = new Map<string, string[]>();
  for (const { layer, reason } of left)
    if (byReason.get(reason)?.push(layer) === undefined) byReason.set(reason, [layer]);
  return [...byReason]
    .map(([reason, layers]) => {
      const names = layers.slice(0, MAX_NAMED).map(quoted);
      const more = layers.length - names.length;
      const all = more > 0 ? [...names, `${more} more`] : names;
      const list = all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`;
      return ` ${list} ${layers.length === 1 ? 'does' : 'do'} not: ${reason}.`;
    })
    .join('');
}

/** A warning that the export is slower than its source, with the nodes that lose most where they were timed; null if it is not. */
export function slowerText({ integers, slower, verification }: ExportReport): string | null {
  if (!verification || !isSlower(verification)) return null;
  const ratio = (verification.outputMs / verification.sourceMs).toFixed(1);
  const nodes = slower.map(({ op, name, sourceMs, outputMs }) =>
    sourceMs === null
      ? `${op} of ${quoted(name)} ${ms(outputMs)}, which the source has not`
      : `${quoted(name)} ${ms(sourceMs)} → ${ms(outputMs)}`,
  );
  const blame = nodes.length > 0 ? ` What loses most: ${nodes.join('; ')}.` : '';
  return `The ${integers ? 'integer' : 'exported'} model takes ${ratio} times as long as the source on this machine.${blame}`;
}

/** Says what the integer kernels of this machine's CPU lose against exact arithmetic; null if no more than rounding does. */
export function lossyKernelsText({ integers, verification }: ExportReport): string | null {
  if (!integers?.exactOutputs || !verification) return null;
  const losses = integers.exactOutputs.flatMap(({ name, sqnrDb: exact }, i) => {
    const own = verification.outputs[i]!.sqnrDb;
    return typeof exact === 'number' && typeof own === 'number' ? [{ name, exact, lost: exact - own }] : [];
  });
  const worst = losses.toSorted((a, b) => b.lost - a.lost)[0];
  if (!worst || worst.lost < LOSSY_KERNELS_DB) return null;
  return `The integer kernels of this machine's CPU lose ${formatDb(worst.lost)}: computed exactly, ${quoted(worst.name)} would have ${formatDb(worst.exact)}. CPUs with AVX2 but without VNNI add products of uint8 and int8 in 16 bits, which saturate; the repair of kernels writes weights with which they do not, and weights of 7 bits, as in int8/clip2, never do.`;
}

/** Describes the opset. */
export function opsetText({ source, output, note }: OpsetReport): string {
  if (note !== null) return note;
  return source === output ? `Opset ${output}, as the source.` : `Opset ${output}; the source has ${source}.`;
}

/** The report of an export as a Markdown document. */
export function reportMarkdown(report: ExportReport): string {
  const { source, output, verification, opset, layers } = report;
  const lines = [
    `# ${markdownCode(fileName(output.path))}`,
    '',
    `Quantized from ${markdownCode(fileName(source.path))} by Quantscope.`,
    '',
    '| | source | export | ratio |',
    '|---|---:|---:|---:|',
    row('size', formatBytes(source.bytes), formatBytes(output.bytes), ratio(output.bytes, source.bytes)),
  ];
  if (verification) {
    const { sourceMs, outputMs } = verification;
    lines.push(row('time per run', ms(sourceMs), ms(outputMs), ratio(outputMs, sourceMs)));
    lines.push('', '## Model output error', '');
    lines.push(`Both models ran in onnxruntime on the same inputs: ${inputsText(verification)}.`, '');
    for (const [name, shape] of Object.entries(verification.shapes))
      lines.push(`- input ${markdownCode(name)} ${formatShape(shape)}`);
    lines.push('', '| output | SQNR |', '|---|---:|');
    for (const output of verification.outputs)
      lines.push(row(markdownCode(output.name), formatOutputError(output)));
    for (const sentence of [otherOutputsText(verification), accuracyText(verification)])
      if (sentence !== null) lines.push('', markdownText(sentence));
  } else lines.push('', 'The exported model was **not** run and compared.');
  lines.push('', markdownText(opsetText(opset)));
  if (report.integers) lines.push('', markdownText(integersText(report.integers)));
  for (const note of [lossyKernelsText(report), slowerText(report), ...report.notes])
    if (note !== null) lines.push('', markdownText(note));
  if (report.repairs.length > 0) {
    const summary = repairSummary(report);
    lines.push('', '## Repair', '', summary ?? 'No repair helped.', '');
    for (const repair of report.repairs) lines.push(`- ${markdownText(repairText(repair))}`);
  }
  lines.push(...rangeLines(report.integers?.ranges ?? []));
  lines.push('', '## Layers', '', 'Weight error: the quantized weights against the float ones.', '');
  lines.push('| layer | scheme | weight SQNR | |', '|---|---|---:|---|');
  for (const { name, scheme, sqnrDb, note } of layers)
    lines.push(
      row(
        markdownCode(name),
        scheme,
        scheme === 'float' ? '' : formatDb(sqnrDb),
        note ? markdownText(note) : '',
      ),
    );
  return `${lines.join('\n')}\n`;
}

/** A table of the activations whose range was chosen by its effect; nothing without any. */
function rangeLines(ranges: readonly ChosenActivationRange[]): string[] {
  if (ranges.length === 0) return [];
  return [
    ...['', '## Activation ranges', ''],
    "Chosen by their effect: how much less error the results of the layers that read them have than with the recipe's range. Where that is less than 0, the outputs of the model are better all the same.",
    ...['', '| activation | range | less error |', '|---|---|---:|'],
    ...ranges.map(({ activation, range, refined, readersGainDb }) => {
      const usual = range === 'given' ? "the recipe's" : range;
      return row(markdownCode(activation), refined ? `${usual}, refined` : usual, formatDb(readersGainDb));
    }),
  ];
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function ratio(after: number, before: number): string {
  return (after / before).toFixed(2);
}

function ms(time: number): string {
  return `${time.toPrecision(3)} ms`;
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}
