/** Exports of models whose weights are no plain initializers of the main graph. */
import { TensorProto_DataType as DataType, type ModelProto } from 'onnx-buf';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, floats, model, node, sparseTensor, value } from '../../../fixtures/onnx/builder';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const SYNTHETIC = { activations: 'uint8', calibration: 'synthetic' } as const;

function write(name: string, proto: ModelProto): string {
  const path = join(exporter.folder, `${name}.onnx`);
  writeFileSync(path, bytesOf(proto));
  return path;
}

it('indices of a sparse tensor stay int64, the only type that ONNX has for them', async () => {
  const path = write(
    'sparse',
    model({
      inputs: [value('x', ['n', 8])],
      outputs: [value('y', ['n', 4])],
      nodes: [
        node('MatMul', ['x', 'loose'], 'h', {}, 'sparse'),
        node('MatMul', ['h', 'w'], 'y', {}, 'dense'),
      ],
      initializers: [floats('w', [6, 4])],
      sparse: [sparseTensor('loose', [8, 6], [0.5, -1, 2, 0.25])],
    }),
  );
  const { report, graph } = await exporter.export(path, SYNTHETIC);
  expect(report.integers!.nodes).toBe(1);
  expect(graph.sparseInitializer.map(({ indices }) => indices!.dataType)).toEqual([DataType.INT64]);
});

describe('an input with a default value', () => {
  const withDefault = (ir: number) =>
    write(
      `default${ir}`,
      model(
        {
          inputs: [value('x', ['n', 4]), value('w', [4, 2])],
          outputs: [value('y', ['n', 2])],
          nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'mm')],
          initializers: [floats('w', [4, 2])],
        },
        { ir },
      ),
    );

  it('is told of where it is none any more', async () => {
    const { report, graph } = await exporter.export(withDefault(8), {});
    expect(graph.input.map(({ name }) => name)).toEqual(['x']);
    expect(report.notes).toEqual([
      'The input "w" is not in the export, which has its default value for good.',
    ]);
  });

  it('is none before IR version 4, and nothing that is told of', async () => {
    expect((await exporter.export(withDefault(3), {})).report.notes).toEqual([]);
  });
});
