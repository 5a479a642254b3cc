import { create, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type AttributeProto,
  type FunctionProto,
  type ModelProto,
  type NodeProto,
} from 'onnx-buf';
import { expect, it } from 'vitest';
import type { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import type { ParsedModel } from '../../../../src/onnx/file/parseModel';
import { inlineFunctions } from '../../../../src/onnx/graph/inlineFunctions';
import {
  attribute,
  bytesOf,
  constant,
  floats,
  graph,
  model,
  modelFunction,
  node,
  value,
} from '../../../fixtures/onnx/builder';
import { inspect, parseInMemory } from '../../../fixtures/onnx/inspect';
import { floatTensor, run } from '../../../fixtures/onnx/runtime';

/** A function of the domain `my`, which may call others of it. */
function body(
  name: string,
  inputs: string[],
  outputs: string[],
  nodes: NodeProto[],
  defaults: AttributeProto[] = [],
  attributes: string[] = [],
): FunctionProto {
  const made = modelFunction('my', name, inputs, outputs, nodes);
  made.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'my', version: 1n }));
  return Object.assign(made, { attributeProto: defaults, attribute: attributes });
}

/** A node with an attribute that refers to one of its function. */
function referring(made: NodeProto, name: string, to: string, type: AttributeProto['type'] = 2): NodeProto {
  const own = attribute(name, 0);
  made.attribute.push(Object.assign(own, { refAttrName: to, type }));
  return made;
}

function around(nodes: NodeProto[], functions: FunctionProto[], outputs = ['y']): ModelProto {
  return model(
    {
      nodes,
      inputs: [value('x', [2, 4])],
      outputs: outputs.map((name) => value(name, ['a', 'b'])),
      initializers: [floats('w', [4, 4]), floats('b', [4])],
    },
    { functions, domains: ['my'] },
  );
}

const inlined = (proto: ModelProto) => inlineFunctions(parseInMemory(bytesOf(proto), 'model.onnx'));

/** Inlines, and runs both: onnxruntime inlines functions in its own way. */
async function compared(proto: ModelProto): Promise<ParsedModel> {
  const result = inlined(proto);
  expect(result.functions).toEqual([]);
  const feeds = { x: floatTensor([2, 4]) };
  const [expected, actual] = [
    await run(bytesOf(proto), feeds),
    await run(toBinary(ModelProtoSchema, result), feeds),
  ];
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected))
    expect((actual[name] as Tensor).data).toEqual((tensor as Tensor).data);
  return result;
}

const LINEAR = body(
  'Linear',
  ['x', 'w', 'b'],
  ['y'],
  [
    node('Transpose', ['w'], 'wt'),
    node('MatMul', ['x', 'wt'], 'm', {}, 'mm'),
    node('Add', ['m', 'b'], 'y', {}, 'add'),
  ],
);

it('functions that call functions, with names of their own each time', async () => {
  const block = body(
    'Block',
    ['x', 'w', 'b'],
    ['y'],
    [node('my:Linear', ['x', 'w', 'b'], 'm', {}, 'lin'), node('Relu', ['m'], 'y')],
  );
  // The caller has names that the functions have as well, and one that a copy would be given.
  const proto = around(
    [
      node('my:Block', ['x', 'w', 'b'], 'm', {}, 'one'),
      node('my:Block', ['m', 'w', 'b'], 'one/lin/wt', {}, 'two'),
      node('my:Block', ['one/lin/wt', 'w', 'b'], 'y'),
    ],
    [LINEAR, block],
  );
  const { graph: main, opsetImport } = await compared(proto);
  expect(main.node.map(({ opType }) => opType)).toEqual(
    [1, 2, 3].flatMap(() => ['Transpose', 'MatMul', 'Add', 'Relu']),
  );
  expect(new Set(main.node.flatMap(({ output }) => output)).size).toBe(main.node.length);
  expect(main.node.filter(({ opType }) => opType === 'MatMul').map(({ name }) => name)).toEqual([
    'one/lin/mm',
    'two/lin/mm',
    'Block/lin/mm',
  ]);
  expect(opsetImport.map(({ domain }) => domain)).toEqual(['']);
});

it('attributes: given, by default, and neither', async () => {
  const softmax = (name: string) => referring(node('Softmax', ['x'], name), 'axis', 'axis');
  const inner = body('Inner', ['x'], ['y'], [softmax('y')], [], ['axis']);
  const outer = body(
    'Outer',
    ['x'],
    ['y'],
    [referring(node('my:Inner', ['x'], 'y'), 'axis', 'along')],
    [attribute('along', 0)],
  );
  const proto = around(
    [
      node('my:Outer', ['x'], 'p', { along: 1 }),
      node('my:Outer', ['x'], 'q'),
      node('my:Inner', ['x'], 'r'),
      node('Concat', ['p', 'q', 'r'], 'y', { axis: 0 }),
    ],
    [inner, outer],
  );
  const { graph: main } = await compared(proto);
  const axes = main.node
    .slice(0, 3)
    .map((each) => each.attribute.map(({ i, refAttrName }) => [i, refAttrName]));
  expect(axes).toEqual([[[1n, '']], [[0n, '']], []]);
});

it('inputs and outputs that are left out', async () => {
  const clip = body(
    'Bounded',
    ['x', 'low', 'high'],
    ['y', 'other'],
    [node('Clip', ['x', 'low', 'high'], 'y'), node('Neg', ['y'], 'other')],
  );
  const zero = constant(floats('', [], [0]), 'zero');
  const calls = [
    node('my:Bounded', ['x', '', 'zero'], ['y', '']),
    node('my:Bounded', ['x', 'zero'], ['v', 'u']),
  ];
  const { graph: main } = await compared(around([zero, ...calls], [clip], ['y', 'v', 'u']));
  expect(main.node.filter(({ opType }) => opType === 'Clip').map(({ input }) => input)).toEqual([
    ['x', '', 'zero'],
    ['x', 'zero', ''],
  ]);
});

it('what passes through a function, which onnxruntime itself does not load', async () => {
  const through = body('Through', ['x'], ['x'], []);
  const result = inlined(around([node('my:Through', ['x'], 'y')], [through]));
  const x = floatTensor([2, 4]);
  const { y } = await run(toBinary(ModelProtoSchema, result), { x });
  expect((y as Tensor).data).toEqual(x.data);
});

it('graphs in functions, which see names of the function, and calls in graphs', async () => {
  const branch = (nodes: NodeProto[]) => graph({ nodes, outputs: [value('r', ['a', 'b'])] });
  const choose = body(
    'Choose',
    ['x', 'w'],
    ['y'],
    [
      node('ReduceSum', ['x'], 's', { keepdims: 0 }),
      node('Less', ['s', 'zero'], 'c'),
      node('If', ['c'], 'y', {
        then_branch: branch([node('my:Twice', ['x'], 'r')]),
        else_branch: branch([node('MatMul', ['x', 'w'], 'r', {}, 'mm')]),
      }),
    ],
  );
  choose.node.unshift(constant(floats('', [], [0]), 'zero'));
  const twice = body('Twice', ['x'], ['y'], [node('Add', ['x', 'x'], 'y')]);
  const proto = around(
    [
      node('my:Choose', ['x', 'w'], 'p', {}, 'first'),
      node('Neg', ['x'], 'n'),
      node('my:Choose', ['n', 'w'], 'q', {}, 'second'),
      node('Concat', ['p', 'q'], 'y', { axis: 0 }),
    ],
    [choose, twice],
  );
  await compared(proto);
  expect(inspect(proto).inspection.layers).toMatchObject([{ weight: 'w', nodes: ['first/mm', 'second/mm'] }]);
});

it('a constant of a function is one initializer for all of its calls', async () => {
  const own = body(
    'Own',
    ['x'],
    ['y'],
    [constant(floats('', [4, 4]), 'k'), node('MatMul', ['x', 'k'], 'y', {}, 'mm')],
  );
  const proto = around([node('my:Own', ['x'], 'h', {}, 'a'), node('my:Own', ['h'], 'y', {}, 'b')], [own]);
  const { graph: main } = await compared(proto);
  expect(main.initializer.map(({ name }) => name)).toEqual(['w', 'b', 'a/k']);
  expect(inspect(proto).inspection.layers).toMatchObject([
    { name: 'a/mm', weight: 'a/k', nodes: ['a/mm', 'b/mm'], scope: '' },
  ]);
});

it('a function of another version of an operator set stays one', () => {
  const old = modelFunction('my', 'Old', ['x'], ['y'], [node('my:Linear', ['x', 'x', 'x'], 'y')], 13);
  const proto = around(
    [node('my:Old', ['x'], 'h'), node('my:Linear', ['h', 'w', 'b'], 'y', {}, 'l')],
    [old, LINEAR],
  );
  const { functions, graph: main } = inlined(proto);
  // What it calls stays for it.
  expect(functions.map(({ name }) => name)).toEqual(['Old', 'Linear']);
  expect(main.node.map(({ opType }) => opType)).toEqual(['Old', 'Transpose', 'MatMul', 'Add']);
});

it('functions without end are refused in a sentence', () => {
  const circle = [
    body('A', ['x'], ['y'], [node('my:B', ['x'], 'y')]),
    body('B', ['x'], ['y'], [node('my:A', ['x'], 'y')]),
  ];
  expect(() => inlined(around([node('my:A', ['x'], 'y')], circle))).toThrow('The function "A" calls itself.');
  const chain = Array.from({ length: 5000 }, (_, i) =>
    body(`F${i}`, ['x'], ['y'], [node(i === 4999 ? 'Relu' : `my:F${i + 1}`, ['x'], 'y')]),
  );
  expect(() => inlined(around([node('my:F0', ['x'], 'y')], chain))).toThrow(
    /call each other more than 64 deep/,
  );
  const doubling = Array.from({ length: 40 }, (_, i) =>
    body(
      `F${i}`,
      ['x'],
      ['y'],
      [
        node(i === 39 ? 'Relu' : `my:F${i + 1}`, ['x'], 'h'),
        node(i === 39 ? 'Relu' : `my:F${i + 1}`, ['h'], 'y'),
      ],
    ),
  );
  expect(() => inlined(around([node('my:F0', ['x'], 'y')], doubling))).toThrow(/call each other too often/);
});

it('a model without functions is left as it is', () => {
  const parsed = parseInMemory(bytesOf(around([node('Relu', ['x'], 'y')], [])), 'model.onnx');
  expect(inlineFunctions(parsed)).toBe(parsed);
});
