/** What preparation makes of models from public reports, in real onnxruntime. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/engine/formats/readModel';
import type { ExportReport } from '../../../../src/core/report/report';
import {
  bytesOf,
  constant,
  DataType,
  floats,
  int64s,
  ints,
  model,
  node,
  value,
} from '../../../fixtures/onnx/builder';
import { checkModel } from '../../../fixtures/onnx/checkModel';
import { transformer } from '../../../fixtures/onnx/transformer';
import { writeModel } from '../../cli/badModels';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const FAULTS = 'test/fixtures/faults';
const INTEGERS = { activations: 'uint8', calibration: 'synthetic' } as const;

async function exported(path: string, recipe: Parameters<Exporter['export']>[1] = INTEGERS) {
  const made = await exporter.export(path, recipe);
  await checkModel(readFileSync(made.output));
  return made;
}

const namesIn = (path: string) => [...readModel(path).layers.keys()].sort();
const reported = ({ layers }: ExportReport) => layers.map(({ name }) => name).sort();

describe('an export that computes in integers', () => {
  it.each(['QDQ', 'QOperator'] as const)(
    'in %s takes models from before opset 13 whose nodes have no names',
    async (format) => {
      for (const name of ['c07_opset9_upsample', 'c07b_opset8_ir3']) {
        const path = `${FAULTS}/${name}.onnx`;
        const { report } = await exported(path, { ...INTEGERS, format });
        expect(report.opset.output).toBe(13);
        expect(report.integers).toMatchObject({ nodes: 3, left: [] });
        expect(reported(report)).toEqual(namesIn(path));
        expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(15);
      }
    },
    60_000,
  );

  it('takes a bilinear Upsample, which counts from corners', async () => {
    const { report } = await exported(`${FAULTS}/t1_conv_ts9.onnx`);
    expect(report.opset.output).toBe(13);
    expect(report.integers!.nodes).toBe(3);
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(30);
  });

  it('stores a weight once that is read as it is and transposed', async () => {
    const path = `${FAULTS}/c02_tied.onnx`;
    const { report } = await exported(path, { ...INTEGERS, layers: { '/embed': 'int8/channel' } });
    expect(reported(report)).toEqual(namesIn(path));
    expect(report.output.bytes).toBeLessThan(4500);
  });

  it('leaves a float16 model as small as it is, and says why it computes in float', async () => {
    const { report, inspection } = await exported(`${FAULTS}/c08_fp16.onnx`);
    expect(report.output.bytes).toBeLessThan(report.source.bytes);
    expect(report.notes).toEqual(['No layer computes in integers, so that weights alone are quantized.']);
    expect(report.integers).toMatchObject({ nodes: 0, layers: [] });
    expect(report.integers!.left).toContainEqual({
      layer: 'conv',
      reason: 'onnxruntime has no integer kernels for float16',
    });
    expect(inspection.model.opset).toBe(17);
  });

  it('does not store what is computed of less', async () => {
    const path = writeModel(
      exporter.folder,
      'zeros.onnx',
      bytesOf(
        model({
          nodes: [
            constant(int64s('shape', [1, 200, 16])),
            node('ConstantOfShape', ['shape'], 'zeros', { value: ints('zero', DataType.INT64, [1], [0]) }),
            node('Cast', ['zeros'], 'floats', { to: DataType.FLOAT }),
            node('MatMul', ['x', 'w'], 'h', {}, 'layer'),
            node('Add', ['h', 'floats'], 'y'),
          ],
          inputs: [value('x', [1, 200, 16])],
          outputs: [value('y', [1, 200, 16])],
          initializers: [floats('w', [16, 16])],
        }),
      ),
    );
    const { report, count } = await exported(path);
    expect(report.integers!.nodes).toBe(1);
    expect(count('ConstantOfShape')).toBe(1);
    expect(report.output.bytes).toBeLessThan(report.source.bytes + 500);
  });

  it('leaves a product and the activation that is added to it apart', async () => {
    const path = writeModel(
      exporter.folder,
      'residual.onnx',
      bytesOf(
        model({
          nodes: [
            node('MatMul', ['x', 'a'], 'h', {}, 'first'),
            node('Relu', ['h'], 'r'),
            node('MatMul', ['r', 'b'], 'p', {}, 'second'),
            node('Add', ['p', 'x'], 'y'),
          ],
          inputs: [value('x', [4, 16])],
          outputs: [value('y', [4, 16])],
          initializers: [floats('a', [16, 16]), floats('b', [16, 16])],
        }),
      ),
    );
    const { report } = await exported(path);
    expect(report.integers).toMatchObject({ nodes: 2, integerKernels: 2, left: [] });
  });

  it('writes no long names of its own', async () => {
    const long = (name: string) =>
      `/encoder/layers.11/self_attention/a_long_way_down/${name}/MatMul_output_0`;
    const names = Array.from({ length: 8 }, (_, i) => long(`projection_${i}`));
    const path = writeModel(
      exporter.folder,
      'long.onnx',
      bytesOf(
        model({
          nodes: names.map((name, i) =>
            node('MatMul', [names[i - 1] ?? 'x', `${name}.weight`], name, {}, name),
          ),
          inputs: [value('x', [4, 4])],
          outputs: [value(names.at(-1)!, [4, 4])],
          initializers: names.map((name) => floats(`${name}.weight`, [4, 4])),
        }),
      ),
    );
    const { report, graph } = await exported(path);
    expect(report.integers!.nodes).toBe(8);
    const source = new Set(names.flatMap((name) => [name, `${name}.weight`]));
    const own = graph.node.flatMap(({ output }) => output).filter((name) => !source.has(name));
    expect(own.length).toBeGreaterThan(8);
    expect(Math.max(...own.map(({ length }) => length))).toBeLessThan(56);
    expect(graph.output[0]!.name).toBe(names.at(-1));
    expect(reported(report)).toEqual(namesIn(path));
  });
});

describe('a model at opset 17 with separate Q, K and V', () => {
  it('is raised for 4-bit weights', async () => {
    const path = writeModel(exporter.folder, 'transformer.onnx', bytesOf(transformer()));
    for (const each of [path, `${FAULTS}/c32_inf_mask.onnx`]) {
      const { report } = await exported(each, { default: 'int4' });
      expect(report.opset).toEqual({ source: 17, output: 21, note: null });
      expect(reported(report)).toEqual(namesIn(each));
    }
  });

  it('computes in integers', async () => {
    const path = writeModel(exporter.folder, 'transformer17.onnx', bytesOf(transformer()));
    const { report } = await exported(path);
    expect(report.notes).toEqual([]);
    expect(report.integers).toMatchObject({ nodes: 13, integerKernels: 13 });
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(15);
  });
});

describe('an export of weights alone', () => {
  it('is valid at opset 8 and IR version 3, which have no Constant of integers', async () => {
    for (const scheme of ['int8', 'int4/block32', 'log4', 'binary']) {
      const { report } = await exported(`${FAULTS}/c07b_opset8_ir3.onnx`, { default: scheme, opset: 'keep' });
      expect(report.opset.output).toBe(8);
    }
  });
});
