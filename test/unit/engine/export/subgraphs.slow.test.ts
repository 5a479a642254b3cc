/** Producers and consumers across the bodies of If, Loop and Scan, exported and run against the float model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { planActivations } from '../../../../src/onnx/qdq/planActivations';
import { DataType, floats, graph, int64s, node, value, ramp } from '../../../fixtures/onnx/builder';
import { NetBuilder } from '../../../fixtures/onnx/integerNets';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const IMAGE = [1, 3, 8, 8];
const OUT = ['n', 'c', 'h', 'w'];
type Body = (read: string) => GraphProto;

/** A condition that is not known before the model runs. */
function flagOf(net: NetBuilder): string {
  const sum = net.op('ReduceSum', ['x'], { keepdims: 0 });
  return net.op('Less', [sum, net.constant(floats('limit', [], [1e9]))]);
}

/** One branch clips what it reads, the other moves it. */
const branches = (read: string, other = read) => ({
  then_branch: graph({ nodes: [node('Relu', [read], 't')], outputs: [value('t', OUT)] }),
  else_branch: graph({ nodes: [node('Identity', [other], 'e')], outputs: [value('e', OUT)] }),
});

const loopBody: Body = (read) =>
  graph({
    inputs: [value('i', [], DataType.INT64), value('go', [], DataType.BOOL), value('state', OUT)],
    nodes: [
      node('Clip', [read, 'low'], 'clipped'),
      node('Add', ['clipped', 'state'], 'sum'),
      node('Identity', ['go'], 'again'),
    ],
    outputs: [value('again', [], DataType.BOOL), value('sum', OUT)],
  });

const scanBody: Body = (read) =>
  graph({
    inputs: [value('row', [3, 8, 8])],
    nodes: [
      node('Relu', [read], 'relu'),
      node('ReduceMean', ['relu'], 'mean', { keepdims: 0 }),
      node('Add', ['row', 'mean'], 'out'),
    ],
    outputs: [value('out', [3, 8, 8])],
  });

const NETS: Record<string, (net: NetBuilder) => string> = {
  'a Relu in a branch reads a Conv': (net) => {
    const flag = flagOf(net);
    const [a, b] = [net.conv('x', 3, 3), net.conv('x', 3, 3)];
    return net.conv(net.op('If', [flag], branches(a, b)), 8, 1);
  },
  'a branch within a branch': (net) => {
    const flag = flagOf(net);
    const a = net.conv('x', 3, 3);
    const inner = graph({ nodes: [node('If', [flag], 'o', branches(a))], outputs: [value('o', OUT)] });
    const plain = graph({ nodes: [node('Identity', [a], 'p')], outputs: [value('p', OUT)] });
    return net.conv(net.op('If', [flag], { then_branch: inner, else_branch: plain }), 8, 1);
  },
  'a Clip in a Loop': (net) => {
    const a = net.conv('x', 3, 3);
    net.constant(floats('low', [], [0]));
    const count = net.constant(int64s('count', [2]));
    const go = flagOf(net);
    return net.conv(net.op('Loop', [count, go, net.op('Relu', [a])], { body: loopBody(a) }), 8, 1);
  },
  'a Relu in a Scan': (net) => {
    const a = net.conv('x', 3, 3);
    return net.conv(net.op('Scan', ['x'], { body: scanBody(a), num_scan_inputs: 1 }), 3, 1);
  },
};

describe.each(['QDQ', 'QOperator'] as const)('%s', (format) => {
  it.each(Object.keys(NETS))('%s', async (name) => {
    const net = new NetBuilder();
    const path = join(exporter.folder, 'nested.onnx');
    writeFileSync(path, net.bytes(IMAGE, NETS[name]!(net), OUT));
    const { report } = await exporter.export(path, {
      activations: 'uint8',
      calibration: 'synthetic',
      format,
    });
    expect(report.integers!.nodes).toBe(report.layers.length);
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(25);
  });
});

it('a name of a subgraph hides that of the graph around it', () => {
  const net = new NetBuilder();
  const conv = net.conv('x', 3, 3);
  const flag = flagOf(net);
  // Reads a tensor of its own that goes by the name of the Conv's output.
  const hiding = graph({
    nodes: [node('Identity', ['x'], conv), node('Relu', [conv], 't')],
    outputs: [value('t', OUT)],
  });
  const other = graph({ nodes: [node('Identity', ['x'], 'e')], outputs: [value('e', OUT)] });
  net.op('If', [flag], { then_branch: hiding, else_branch: other });
  const last = net.conv(net.op('Relu', [conv]), 8, 1);
  const path = join(exporter.folder, 'hiding.onnx');
  writeFileSync(path, net.bytes(IMAGE, last, OUT));
  const model = readModel(path);
  // Only the Relu of the main graph reads the Conv, and is taken up by it.
  expect(model.graph.consumers(conv).map(({ node: { opType }, scope }) => [opType, scope.name])).toEqual([
    ['Relu', ''],
  ]);
  const [first] = planActivations(model, new Set(model.layers.keys())).nodes;
  expect(first!.output).toMatch(/^Relu/);
});

it('weights of a subgraph stay float where one outside goes by the same name', async () => {
  const net = new NetBuilder();
  const flag = flagOf(net);
  const product = net.op('MatMul', ['x', net.constant(floats('w', [6, 6], ramp([6, 6])))]);
  const branch = (scale: number) =>
    graph({
      initializers: [
        floats(
          'w',
          [6, 6],
          ramp([6, 6]).map((each) => each * scale),
        ),
      ],
      nodes: [node('MatMul', ['x', 'w'], `o${scale}`)],
      outputs: [value(`o${scale}`, [2, 6])],
    });
  const inner = net.op('If', [flag], { then_branch: branch(2), else_branch: branch(3) });
  const path = join(exporter.folder, 'names.onnx');
  writeFileSync(path, net.bytes([2, 6], net.op('Add', [product, inner]), [2, 6]));
  const plan = planActivations(readModel(path), new Set(readModel(path).layers.keys()));
  expect(plan.nodes.map(({ node: { output } }) => output[0])).toEqual([product]);
  expect(plan.left.size).toBe(2);
});
