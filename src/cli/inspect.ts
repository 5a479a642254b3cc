import { printable, printableJson } from '../base/quoted';
import { formatBytes, formatCount, formatShape, formatShare } from '../core/report/format';
import type { Inspection } from '../core/model/model';
import type { Command } from './Command';
import { formatTable } from './table';
import { readArguments } from './usage';

export const inspect: Command = async (args, { engine, signal }) => {
  const { values, model } = readArguments(args, { json: { type: 'boolean' } });
  const inspection = await engine.call('inspect', { path: model }, { signal });
  process.stdout.write(values.json ? `${printableJson(inspection)}\n` : describe(inspection));
};

function describe({ model, layers, skipped, notes }: Inspection): string {
  const opsets = model.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ');
  const size = model.bytes + model.externalBytes;
  const facts = [
    `${model.path}: ${formatBytes(size)}, ${formatCount(model.parameters)} parameters in ${formatBytes(model.weightBytes)}`,
    `opset ${opsets}; producer ${model.producer || 'unknown'}`,
    ...model.inputs.map((input) => `input  ${input.name} ${input.elementType} ${formatShape(input.shape)}`),
    ...model.outputs.map(
      (output) => `output ${output.name} ${output.elementType} ${formatShape(output.shape)}`,
    ),
    ...notes,
  ];
  const table = formatTable(
    [
      { title: 'layer', align: 'left' },
      { title: 'op', align: 'left' },
      { title: 'shape', align: 'left' },
      { title: 'parameters', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'remarks', align: 'left' },
    ],
    layers.map((layer) => [
      layer.name,
      layer.op,
      formatShape(layer.shape),
      formatCount(layer.parameters),
      formatShare(layer.bytes / size),
      layer.quantized ?? (layer.nodes.length > 1 ? `shared by ${layer.nodes.length} nodes` : ''),
    ]),
  );
  return `${facts.map((line) => printable(line)).join('\n')}\n\n${table}\n${describeSkipped(skipped)}`;
}

/** Counts by reason; the names are in the JSON. */
function describeSkipped(skipped: Inspection['skipped']): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const lines = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `  ${count} × ${printable(reason)}`);
  return lines.length === 0 ? '' : `not quantized (names with --json):\n${lines.join('\n')}\n`;
}
