/** Which nodes of an export are blamed; by times that are given, and in onnxruntime by name alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelProto } from 'onnx-buf';
import { afterAll, expect, it } from 'vitest';
import { findSlowNodes, slowNodes } from '../../../../src/engine/compare/slowNodes';
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import {
  bytesOf,
  constant,
  DataType,
  floats,
  ints,
  model,
  node,
  value,
} from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-slow-'));
afterAll(() => rmSync(folder, { recursive: true }));

const named = [
  node('Gather', ['table', 'ids'], 'rows', {}, 'embed'),
  node('MatMul', ['rows', 'w'], 'product', {}, 'dense'),
  node('Relu', ['product'], 'y', {}, 'act'),
];
const net = (nodes: readonly ReturnType<typeof node>[], initializers: readonly ReturnType<typeof floats>[]) =>
  model({
    nodes: [...nodes, ...named],
    inputs: [value('ids', [3], DataType.INT64)],
    outputs: [value('y', [3, 4])],
    initializers: [floats('w', [4, 4]), ...initializers],
  });
const source = net([], [floats('table', [9, 4])]);
/** The table's codes become numbers on each run. */
const output = net(
  [constant(floats('s', [], [0.5])), node('DequantizeLinear', ['codes', 's'], 'table')],
  [
    ints(
      'codes',
      DataType.INT8,
      [9, 4],
      Array.from({ length: 36 }, (_, i) => i),
    ),
  ],
);
const graphs = { source: inspect(source).graph, output: inspect(output).graph };
const blamed = (before: Record<string, number>, after: Record<string, number>) =>
  slowNodes(
    { graph: graphs.source, times: new Map(Object.entries(before)) },
    { graph: graphs.output, times: new Map(Object.entries(after)) },
    ['embed', 'dense'],
  );

it('blames the node that the export adds, by what it makes, and not its neighbours', () => {
  expect(
    blamed({ embed: 1, dense: 2, act: 1 }, { DequantizeLinear_0: 39, embed: 1, dense: 1, act: 5 }),
  ).toEqual([{ op: 'DequantizeLinear', name: 'table', sourceMs: null, outputMs: 39 }]);
});

it('puts those that lose most first, whether they are new or slower', () => {
  expect(blamed({ embed: 1, dense: 2 }, { DequantizeLinear_0: 3, embed: 0.5, dense: 7 })).toEqual([
    { op: null, name: 'dense', sourceMs: 2, outputMs: 7 },
    { op: 'DequantizeLinear', name: 'table', sourceMs: null, outputMs: 3 },
  ]);
});

it('finds a layer whose kernel has the name of what is fused into it', () => {
  expect(blamed({ dense: 2 }, { y: 3 })).toEqual([{ op: null, name: 'dense', sourceMs: 2, outputMs: 3 }]);
});

it('takes no kernel for a node whose operator is another', () => {
  expect(blamed({}, { Reorder_0: 3, DequantizeLinear_1: 3, DequantizeLinear_99: 3 })).toEqual([]);
});

it('knows the nodes of a run in onnxruntime', async () => {
  const write = (name: string, proto: ModelProto) => {
    const path = join(folder, name);
    writeFileSync(path, bytesOf(proto));
    return path;
  };
  const found = await findSlowNodes({
    source: write('source.onnx', source),
    output: write('output.onnx', output),
    folder,
    feeds: new Map([['ids', new Tensor('int64', BigInt64Array.of(1n, 2n, 3n), [3])]]),
    layers: [],
  });
  expect(found).toMatchObject([{ op: 'DequantizeLinear', name: 'table', sourceMs: null }]);
});
