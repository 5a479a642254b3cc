/** Products on activations that are quantized as they come, in onnxruntime, against ONNX's formulae. */
import { describe, expect, it } from 'vitest';
import type { ModelProto, NodeProto } from 'onnx-buf';
import { roundHalfToEven } from '../../../../src/core/scheme/roundHalfToEven';
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import { DataType, floats, graph, ints, model, node, value } from '../../../fixtures/onnx/builder';
import { decode, encodedTensor, type FormName } from '../../../fixtures/onnx/encoded';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { run } from '../../../fixtures/onnx/runtime';

const [ROWS, IN, OUT] = [6, 20, 9];
const input = Float32Array.from({ length: ROWS * IN }, (_, i) => Math.sin(i * 1.7) * 3 + 0.4);
const bias = Float32Array.from({ length: OUT }, (_, i) => i - 4);

function rewritten(proto: ModelProto, form: FormName, integer: ReadonlySet<string> = new Set()) {
  const inspected = inspect(proto);
  const tensors = new Map(
    [...inspected.layers].map(([name, { layout }], i) => [name, encodedTensor(form, layout, i + 1)]),
  );
  const after = rewriteModel(inspected, tensors, { products: 'dynamic', integer });
  const weights = [...inspected.layers].map(([name, { layout }]) => decode(tensors.get(name)!, layout));
  const count = (op: string) =>
    after.scopes.reduce(
      (sum, scope) => sum + scope.graph.node.filter(({ opType }) => opType === op).length,
      0,
    );
  return { bytes: serializeModel(after, NO_FILES, '').model, weights, count };
}

/** The product of `input`, as DynamicQuantizeLinear rounds it, by a weight whose number for (from, to) is given. */
function product(weight: (from: number, to: number) => number): number[] {
  const [least, greatest] = [Math.min(0, ...input), Math.max(0, ...input)];
  const scale = Math.fround((greatest - least) / 255);
  const zero = Math.min(255, Math.max(0, roundHalfToEven(-least / scale)));
  const rounded = Array.from(input, (x) => {
    const code = roundHalfToEven(Math.fround(x / scale)) + zero;
    return (Math.min(255, Math.max(0, code)) - zero) * scale;
  });
  return Array.from({ length: ROWS * OUT }, (_, i) => {
    const [row, to] = [Math.floor(i / OUT), i % OUT];
    return Array.from({ length: IN }, (_, from) => rounded[row * IN + from]! * weight(from, to)).reduce(
      (a, b) => a + b,
    );
  });
}

const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  const size = Math.max(...expected.map(Math.abs));
  for (const [i, number] of expected.entries())
    expect(Math.abs(actual[i]! - number)).toBeLessThan(size * 1e-5);
};
const feeds = { x: new Tensor('float32', input, [ROWS, IN]) };
const net = (nodes: readonly NodeProto[], shape: readonly number[], outputs = ['y']) =>
  model({
    nodes,
    inputs: [value('x', [ROWS, IN])],
    outputs: outputs.map((name) => value(name, [ROWS, OUT])),
    initializers: [floats('w', shape), floats('v', shape), floats('b', [OUT], bias)],
  });

describe.each<FormName>(['int8', 'uint8', 'int8/tensor', 'uint8/tensor', 'uint8/plain'])(
  'a weight as %s',
  (form) => {
    it('in a MatMul', async () => {
      const { bytes, weights, count } = rewritten(
        net([node('MatMul', ['x', 'w'], 'y', {}, 'dense')], [IN, OUT]),
        form,
      );
      close(
        (await run(bytes, feeds))['y']!.data as Float32Array,
        product((from, to) => weights[0]![from * OUT + to]!),
      );
      expect(['MatMulInteger', 'MatMul', 'DequantizeLinear'].map(count)).toEqual([1, 0, 0]);
      // The layer is still known.
      expect(inspect(bytes).inspection.layers).toMatchObject([{ name: 'dense', shape: [IN, OUT] }]);
    });

    it('in a Gemm that turns it and adds a bias', async () => {
      const gemm = node('Gemm', ['x', 'w', 'b'], 'y', { transB: 1 });
      const { bytes, weights } = rewritten(net([gemm], [OUT, IN]), form);
      const products = product((from, to) => weights[0]![to * IN + from]!);
      close(
        (await run(bytes, feeds))['y']!.data as Float32Array,
        products.map((number, i) => number + bias[i % OUT]!),
      );
    });
  },
);

it('quantizes an activation once for all that read it', async () => {
  const nodes = [
    node('Relu', ['x'], 'h'),
    ...['w', 'v'].map((weight) => node('MatMul', ['h', weight], `y_${weight}`)),
  ];
  const { bytes, count } = rewritten(net(nodes, [IN, OUT], ['y_w', 'y_v']), 'int8');
  expect(['DynamicQuantizeLinear', 'MatMulInteger'].map(count)).toEqual([1, 2]);
  await run(bytes, feeds);
});

it('quantizes in the graph that makes what a branch reads', async () => {
  const branch = graph({
    nodes: [node('MatMul', ['h', 'w'], 'z')],
    outputs: [value('z', [ROWS, OUT])],
    initializers: [floats('w', [IN, OUT])],
  });
  const proto = model({
    nodes: [
      node('Identity', ['x'], 'h'),
      node('If', ['yes'], 'y', { then_branch: branch, else_branch: branch }),
    ],
    inputs: [value('x', [ROWS, IN])],
    outputs: [value('y', [ROWS, OUT])],
    initializers: [ints('yes', DataType.BOOL, [], [1])],
  });
  const { bytes, weights, count } = rewritten(proto, 'int8');
  close(
    (await run(bytes, feeds))['y']!.data as Float32Array,
    product((from, to) => weights[0]![from * OUT + to]!),
  );
  expect(count('DynamicQuantizeLinear')).toBe(1);
});

it.each<[string, FormName, NodeProto, readonly number[]]>([
  ['has 4 bits', 'int4', node('MatMul', ['x', 'w'], 'y'), [IN, OUT]],
  ['has blocks', 'int8/4', node('MatMul', ['x', 'w'], 'y'), [IN, OUT]],
  ['is scaled with its product', 'int8', node('Gemm', ['x', 'w'], 'y', { transA: 1 }), [ROWS, OUT]],
])('leaves a weight alone that %s', (_, form, consumer, shape) => {
  expect(rewritten(net([consumer], shape), form).count('MatMulInteger')).toBe(0);
});

it('leaves a weight alone that an integer kernel takes', () => {
  const proto = net([node('MatMul', ['x', 'w'], 'y', {}, 'dense')], [IN, OUT]);
  const { count } = rewritten(proto, 'int8', new Set(['dense']));
  expect(['MatMulInteger', 'DequantizeLinear'].map(count)).toEqual([0, 1]);
});
