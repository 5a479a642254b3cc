/** Nodes between integer layers, as planned and as onnxruntime fuses them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { planActivations } from '../../../../src/onnx/qdq/planActivations';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { floats, int64s, ramp } from '../../../fixtures/onnx/builder';
import { NetBuilder, residualNet } from '../../../fixtures/onnx/integerNets';
import { Exporter } from './exporter';

const SYNTHETIC = { activations: 'uint8', calibration: 'synthetic' } as const;

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

function written(name: string, bytes: Uint8Array): string {
  const path = join(exporter.folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The plan for two convolutions with something between them, all layers wanted. */
function planBetween(name: string, between: (net: NetBuilder, x: string) => string) {
  const net = new NetBuilder();
  const last = net.conv(between(net, net.conv('x', 8, 1)), 8, 1);
  const model = readModel(written(name, net.bytes([1, 8, 4, 4], last, ['n', 'c', 'h', 'w'])));
  return planActivations(model, new Set(model.layers.keys()));
}

describe('between integer layers', () => {
  it('onnxruntime computes in integers from end to end', async () => {
    const path = written('residual.onnx', residualNet());
    const { report } = await exporter.export(path, SYNTHETIC);
    const optimized = join(exporter.folder, 'optimized.onnx');
    await RuntimeModel.optimize(report.output.path, optimized, 'extended');
    const operators = readModel(optimized).graph.nodes.map(({ opType }) => opType);
    const inner = operators.slice(operators.indexOf('QuantizeLinear') + 1, operators.indexOf('Flatten'));
    expect(inner.toSorted()).toEqual([
      'MaxPool',
      ...Array<string>(2).fill('QLinearAdd'),
      'QLinearConcat',
      ...Array<string>(8).fill('QLinearConv'),
      'QLinearGlobalAveragePool',
    ]);
    // Its Gemm as well.
    expect(report.integers!.integerKernels).toBe(report.integers!.nodes);
    // Without the integer kernels of this machine's CPU, which may saturate.
    expect(report.integers!.exactOutputs![0]!.sqnrDb).toBeGreaterThan(25);
  });

  it('what a float layer reads stays float where that is asked for, and so does what makes it', () => {
    const net = new NetBuilder();
    const last = net.conv(net.conv(net.conv('x', 8, 1), 8, 1), 8, 1);
    const model = readModel(written('float.onnx', net.bytes([1, 8, 4, 4], last, ['n', 'c', 'h', 'w'])));
    const wanted = new Set(['conv0', 'conv1']);
    const codes = (float: string[]) => planActivations(model, wanted, new Set(float)).tensors;
    expect(codes([])).toContain('conv1.y');
    expect(codes(['conv2'])).toEqual(['x', 'conv0.y']);
  });

  it('what a float layer reads is not made of codes either, however it was moved or clipped', () => {
    const net = new NetBuilder();
    const first = net.conv('x', 8, 1);
    const pooled = net.op('MaxPool', [net.op('Relu', [first])], { kernel_shape: [1, 1] });
    const both = net.op('Concat', [pooled, net.op('Transpose', [first], { perm: [0, 1, 3, 2] })], {
      axis: 1,
    });
    const last = net.conv(both, 16, 1);
    const model = readModel(written('moved.onnx', net.bytes([1, 8, 4, 4], last, ['n', 'c', 'h', 'w'])));
    const [wanted] = [...model.layers.keys()];
    const [, reader] = [...model.layers.keys()];
    const plan = planActivations(model, new Set([wanted!]), new Set([reader!]));
    expect(plan.tensors).toEqual([]);
    expect([...plan.left]).toEqual([[wanted, `"${reader}" reads its result in float`]]);
  });

  it('what moves data has the scale of what it moves', () => {
    const { chain, tensors, scaledAs } = planBetween('moves.onnx', (net, x) =>
      net.op('Transpose', [net.op('MaxPool', [x], { kernel_shape: [1, 1] })], { perm: [0, 1, 3, 2] }),
    );
    expect(chain.map(({ node, movesData }) => [node.opType, movesData])).toEqual([
      ['MaxPool', true],
      ['Transpose', true],
    ]);
    const [first, pooled, moved] = ['conv0.y', 'MaxPool1.y', 'Transpose2.y'];
    expect([...scaledAs]).toEqual([
      [pooled, first],
      [moved, first],
    ]);
    expect(tensors).toEqual(['x', first, 'conv3.y']);
  });

  it.each<[string, number, (net: NetBuilder, x: string) => string]>([
    ['sum', 0, (net, x) => net.op('Add', [x, x])],
    ['sum-relu', 1, (net, x) => net.op('Relu', [net.op('Add', [x, x])])],
    ['product', 2, (net, x) => net.op('Mul', [x, net.op('Sigmoid', [x])])],
    ['product-of-float', 0, (net, x) => net.op('Mul', [x, net.op('Tanh', [x])])],
    ['product-of-constant', 0, (net, x) => net.op('Mul', [x, net.constant(floats('two', [1], [2]))])],
    ['read-by-float', 0, (net, x) => net.op('Tanh', [net.op('Mul', [x, x])])],
    ['resize', 1, (net, x) => resized(net, x, 'nearest')],
    ['resize-linear', 0, (net, x) => resized(net, x, 'linear')],
    ['reshape', 1, (net, x) => net.op('Reshape', [x, net.constant(int64s('shape', [1, 8, 2, 8]))])],
  ])('%s: %i nodes stay in integers', (name, count, between) => {
    expect(planBetween(`${name}.onnx`, between).chain).toHaveLength(count);
  });
});

function resized(net: NetBuilder, x: string, mode: string): string {
  return net.op('Resize', [x, '', net.constant(floats('scales', [4], [1, 1, 2, 2]))], { mode });
}

it('a Clip that ends between two codes is left to quantization, as onnxruntime 1.30 loads no such model', async () => {
  const net = new NetBuilder();
  const [zero, tenth] = [floats('zero', [], [0]), floats('tenth', [], [0.1])].map((end) => net.constant(end));
  const first = net.op('Clip', [net.conv('x', 8, 1), zero!]);
  const second = net.op('Clip', [net.conv(first, 8, 1), '', tenth!]);
  const path = written('clips.onnx', net.bytes([1, 8, 4, 4], net.conv(second, 8, 1), ['n', 'c', 'h', 'w']));
  const { report, count } = await exporter.export(path, SYNTHETIC);
  expect(report.integers!.integerKernels).toBe(3);
  expect(count('Clip')).toBe(0);
});

it('weights with half the codes of 8 bits compute in integers, where products of pairs fit into 16 bits', async () => {
  const path = written('narrow.onnx', residualNet());
  const { report, graph } = await exporter.export(path, { ...SYNTHETIC, default: 'int8/clip2' });
  expect(report.integers!.nodes).toBe(report.layers.length);
  const codes = graph.initializer.filter(({ name }) => name.endsWith('_codes'));
  expect(codes).toHaveLength(report.layers.length);
  const largest = Math.max(...codes.flatMap(({ rawData }) => [...new Int8Array(rawData)].map(Math.abs)));
  expect(largest).toBeLessThanOrEqual(64);
  expect(largest).toBeGreaterThan(48);
});

it('a MatMul with several matrices stays float, as onnxruntime refuses scales for their columns', async () => {
  const net = new NetBuilder();
  const weight = net.constant(floats('w', [2, 4, 3], ramp([2, 4, 3])));
  const product = net.op('MatMul', ['x', weight]);
  const path = written('batched.onnx', net.bytes([2, 5, 4], product, ['n', 'rows', 'columns']));
  const { report } = await exporter.export(path, SYNTHETIC);
  expect(report.integers).toMatchObject({
    nodes: 0,
    left: [{ layer: 'MatMul0', reason: 'its weight is more than one matrix' }],
  });
});

it('a channel of tiny weights keeps its bias, as a folded BatchNormalization leaves them', async () => {
  const net = new NetBuilder();
  const values = ramp([4, 2, 1, 1]).map((value, i) => (i < 2 ? value * 1e-9 : value));
  const weight = net.constant(floats('w', [4, 2, 1, 1], values));
  const bias = net.constant(floats('b', [4], [1.5, -0.5, 0.25, 0]));
  const output = net.op('Conv', ['x', weight, bias], { kernel_shape: [1, 1] });
  const path = written('tiny.onnx', net.bytes([1, 2, 8, 8], output, ['n', 'c', 'h', 'w']));
  const { report } = await exporter.export(path, { ...SYNTHETIC, default: 'int8/clip2' });
  expect(report.integers!.integerKernels).toBe(1);
  expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(30);
  // Of two channels whose weights are all zero now, and two as they were.
  expect(report.layers[0]!.sqnrDb).toBeGreaterThan(30);
  const one = await exporter.export(path, { ...SYNTHETIC, default: 'int8/tensor' });
  expect(one.report.layers[0]!.sqnrDb).toBeGreaterThan(30);
});
