/** Biases in every shape that ONNX broadcasts, against onnxruntime on the float model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floats, ramp } from '../../../fixtures/onnx/builder';
import { NetBuilder } from '../../../fixtures/onnx/integerNets';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const ROWS = 4;
const FEATURES = 32;
/** As many columns as rows, so that a number for each row cannot be told by its count; and others. */
const SHAPES: readonly (readonly [string, number, readonly number[], boolean])[] = [
  ['a number', ROWS, [], true],
  ['one', ROWS, [1], true],
  ['a row', ROWS, [ROWS], true],
  ['a matrix of one row', ROWS, [1, ROWS], true],
  ['a matrix of one row, wide', 16, [1, 16], true],
  ['a column', ROWS, [ROWS, 1], false],
  ['a column beside one channel', 1, [ROWS, 1], false],
  ['all elements', ROWS, [ROWS, ROWS], false],
];

/** A product and a bias of distinct numbers, some of them large, and a layer behind it. */
function net(op: 'Gemm' | 'MatMul', columns: number, shape: readonly number[]): Uint8Array {
  const net = new NetBuilder();
  const values = ramp(shape).map((_, i) => 0.5 + i);
  const bias = net.constant(floats('bias', shape, values));
  const weight = net.constant(floats('weight', [FEATURES, columns], ramp([FEATURES, columns])));
  const sum =
    op === 'Gemm'
      ? net.op('Gemm', ['x', weight, bias], {}, 'first')
      : net.op('Add', [net.op('MatMul', ['x', weight], {}, 'first'), bias]);
  const last = net.matrix('Gemm', net.op('Relu', [sum]), columns, 3, { bias: true });
  return net.bytes([ROWS, FEATURES], last, [ROWS, 3]);
}

describe.each(['QDQ', 'QOperator'] as const)('%s', (format) => {
  it.each(SHAPES)('a Gemm whose bias is %s of %i columns: %j', async (_, columns, shape, integer) => {
    const path = join(exporter.folder, 'bias.onnx');
    writeFileSync(path, net('Gemm', columns, shape));
    const { report } = await exporter.export(path, {
      activations: 'uint8',
      calibration: 'synthetic',
      format,
    });
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
    expect(report.integers!.layers.includes('first')).toBe(integer);
    expect(report.integers!.left).toEqual(
      integer ? [] : [{ layer: 'first', reason: 'its bias has not one number for each channel' }],
    );
  });

  it.each(SHAPES)('a MatMul with an Add of %s of %i columns: %j', async (_, columns, shape) => {
    const path = join(exporter.folder, 'sum.onnx');
    writeFileSync(path, net('MatMul', columns, shape));
    const { report } = await exporter.export(path, {
      activations: 'uint8',
      calibration: 'synthetic',
      format,
    });
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
  });
});

it('a bias is the same for two layers that share it', async () => {
  const net = new NetBuilder();
  const bias = net.constant(floats('bias', [1], [0.75]));
  const hidden = net.op('Gemm', ['x', net.constant(floats('w1', [8, 6], ramp([8, 6]))), bias]);
  const last = net.op('Gemm', [hidden, net.constant(floats('w2', [6, 3], ramp([6, 3]))), bias]);
  const path = join(exporter.folder, 'shared.onnx');
  writeFileSync(path, net.bytes([2, 8], last, [2, 3]));
  const { report } = await exporter.export(path, { activations: 'int8', calibration: 'synthetic' });
  expect(report.integers!.nodes).toBe(2);
  expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
});

it('weights that integer kernels do not take are said with a reason for each layer', async () => {
  const path = join(exporter.folder, 'asymmetric.onnx');
  writeFileSync(path, net('Gemm', ROWS, [ROWS]));
  const integers = { activations: 'uint8', calibration: 'synthetic' } as const;
  const reason = async (scheme: string) => {
    const { report } = await exporter.export(path, { ...integers, default: scheme });
    const { nodes, left } = report.integers!;
    return { nodes, left: left.length, reason: left.find(({ layer }) => layer === 'first')!.reason };
  };
  const none = { nodes: 0, left: 2 };
  expect(await reason('int4')).toMatchObject({
    ...none,
    reason: expect.stringMatching(/^its weight is not stored as 8-bit integers/) as string,
  });
  // The other layer's channels are one block each.
  expect(await reason('int8/block16')).toEqual({
    nodes: 1,
    left: 1,
    reason:
      'its weight has a scale for each block; integer kernels take one for the tensor or for each channel',
  });
});
