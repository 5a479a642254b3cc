import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelProto } from 'onnx-buf';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { convertOpset } from '../../../../src/engine/runtime/convertOpset';
import { matchLayers, withLayerNames } from '../../../../src/onnx/read/layerIdentity';
import {
  bytesOf,
  constant,
  floats,
  graph,
  int64s,
  model,
  node,
  ramp,
  value,
} from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'identity-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** As onnxruntime's basic optimizations leave it. */
async function folded(proto: ModelProto): Promise<Uint8Array> {
  const [source, output] = [join(folder, 'source.onnx'), join(folder, 'folded.onnx')];
  writeFileSync(source, bytesOf(proto));
  await RuntimeModel.optimize(source, output, 'basic');
  return new Uint8Array(readFileSync(output));
}

/** The layers after, each with those before; and those that are lost. */
function match(before: ModelProto, after: Uint8Array) {
  const [earlier, later] = [inspect(before), inspect(after)];
  const found = matchLayers(earlier, later);
  const names = [...withLayerNames(later, found).layers].map(([name, { constant: weight }]) => [
    name,
    weight.name,
  ]);
  return { lost: found.lost, names: Object.fromEntries(names) as Record<string, string> };
}

const BN = (name: string) => ['gamma', 'beta', 'mean', 'variance'].map((part) => `${name}_${part}`);
const bnTensors = (name: string, channels: number) =>
  BN(name).map((part) =>
    floats(
      part,
      [channels],
      ramp([channels]).map((number) => number + 2),
    ),
  );

it('finds nodes without names again whose BatchNormalization was folded, also side by side', async () => {
  const branch = (name: string) => [
    node('Conv', ['x', `${name}_w`], `${name}_c`),
    node('BatchNormalization', [`${name}_c`, ...BN(name)], `${name}_b`),
  ];
  const proto = model({
    inputs: [value('x', [1, 3, 4, 4])],
    outputs: [value('y', [1, 4, 4, 4])],
    nodes: [...branch('left'), ...branch('right'), node('Mul', ['left_b', 'right_b'], 'y')],
    initializers: ['left', 'right'].flatMap((name) => [
      floats(`${name}_w`, [4, 3, 1, 1]),
      ...bnTensors(name, 4),
    ]),
  });
  const after = await folded(proto);
  // The weights are others, under other names.
  expect(inspect(after).inspection.layers.map(({ weight }) => weight)).not.toContain('left_w');
  const { lost, names } = match(proto, after);
  expect(lost).toEqual([]);
  expect(Object.keys(names).sort()).toEqual(['left_w', 'right_w']);
  expect(names['left_w']).toContain('left_w');
  expect(names['right_w']).toContain('right_w');
});

it('finds weights again whose data movement was folded', async () => {
  const proto = model({
    inputs: [value('x', [1, 4])],
    outputs: [value('y', [1, 6])],
    nodes: [
      node('Transpose', ['w'], 'wt'),
      node('Reshape', ['wt', 'shape'], 'v'),
      node('MatMul', ['x', 'v'], 'y', {}, 'mm'),
    ],
    initializers: [floats('w', [6, 4]), int64s('shape', [4, 6])],
  });
  expect(match(proto, await folded(proto))).toEqual({ lost: [], names: { mm: 'v' } });
});

it('tells what was cut, and what was joined', async () => {
  const proto = model({
    inputs: [value('x', [1, 4])],
    outputs: [value('y', [1, 2]), value('z', [1, 4])],
    nodes: [
      node('Split', ['w'], ['a', 'b'], { axis: 1 }),
      node('MatMul', ['x', 'a'], 'y', {}, 'first'),
      node('MatMul', ['x', 'b'], 'p', {}, 'second'),
      node('Concat', ['c', 'd'], 'e', { axis: 1 }),
      node('MatMul', ['x', 'e'], 'q', {}, 'joined'),
      node('Concat', ['p', 'q'], 'z', { axis: 1 }),
    ],
    initializers: [floats('w', [4, 4]), floats('c', [4, 1]), floats('d', [4, 1])],
  });
  const [earlier, later] = [inspect(proto), inspect(await folded(proto))];
  const { origins, lost } = matchLayers(earlier, later);
  expect(Object.fromEntries(origins)).toEqual({
    first: ['first'],
    second: ['first'],
    joined: ['joined', 'joined#2'],
  });
  expect(lost).toEqual([]);
  const names = [...withLayerNames(later, { origins, lost }).layers.keys()];
  expect(names.sort()).toEqual(['first', 'joined', 'second']);
});

it('finds layers again behind the converter, which names nodes, and so the graphs in them', async () => {
  const branch = (name: string) =>
    graph({
      nodes: [
        constant(floats('', [4, 4], name === 'a' ? [] : undefined), 'w'),
        node('MatMul', ['h', 'w'], name),
      ],
      outputs: [value(name, [1, 4])],
    });
  const proto = model(
    {
      inputs: [value('x', [1, 4]), value('c', [], 9)],
      outputs: [value('y', [1, 4])],
      nodes: [
        node('MatMul', ['x', 'w0'], 'h'),
        node('If', ['c'], 'y', { then_branch: branch('p'), else_branch: branch('q') }),
      ],
      initializers: [floats('w0', [4, 4])],
    },
    { opset: 11 },
  );
  const raised = await convertOpset(bytesOf(proto), 13);
  const before = inspect(proto).inspection.layers;
  // The converter's names are others: this is what the test is about.
  expect(inspect(raised).inspection.layers.map(({ name }) => name)).not.toEqual(
    before.map(({ name }) => name),
  );
  const { lost, names } = match(proto, raised);
  expect(lost).toEqual([]);
  expect(Object.keys(names).sort()).toEqual(before.map(({ name }) => name).sort());
});
