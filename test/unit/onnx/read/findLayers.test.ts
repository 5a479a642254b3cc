import { describe, expect, it, vi } from 'vitest';
import type { ModelProto, NodeProto, TensorProto } from 'onnx-buf';
import type { Layer } from '../../../../src/onnx/read/findLayers';
import {
  attribute,
  constant,
  DataType,
  externalTensor,
  floatBytes,
  floats,
  floatsAttribute,
  graph,
  int64s,
  ints,
  model,
  modelFunction,
  node,
  ramp,
  rawTensor,
  sparseTensor,
  value,
  type AttributeValue,
  type GraphParts,
} from '../../../fixtures/onnx/builder';
import { inspect, readReal } from '../../../fixtures/onnx/inspect';
import { MemoryFiles } from '../../../fixtures/onnx/memoryFiles';

/** A model around some nodes; `x` is its input. */
function around(
  nodes: NodeProto[],
  initializers: TensorProto[] = [],
  more: GraphParts = {},
  opset = 17,
): ModelProto {
  return model(
    { nodes, initializers, inputs: [value('x', ['n', 4])], outputs: [value('y', [])], ...more },
    { opset },
  );
}

function only(proto: ModelProto): Layer {
  const layers = [...inspect(proto).layers.values()];
  expect(layers).toHaveLength(1);
  return layers[0]!;
}

function reasons(proto: ModelProto): Record<string, string> {
  return Object.fromEntries(inspect(proto).inspection.skipped.map(({ name, reason }) => [name, reason]));
}

describe('the weight of an operator', () => {
  it.each<[string, number[], string[], Record<string, AttributeValue>, [number, number, number]]>([
    ['Conv', [6, 4, 3, 2], ['x', 'w'], {}, [1, 6, 24]],
    ['ConvTranspose', [6, 4, 3, 2], ['x', 'w'], {}, [6, 4, 6]],
    ['MatMul', [4, 6], ['x', 'w'], {}, [4, 6, 1]],
    ['MatMul', [2, 4, 6], ['x', 'w'], {}, [8, 6, 1]],
    ['MatMul', [6, 4], ['w', 'x'], {}, [1, 6, 4]],
    ['MatMul', [2, 6, 4], ['w', 'x'], {}, [2, 6, 4]],
    ['Gemm', [4, 6], ['x', 'w'], {}, [4, 6, 1]],
    ['Gemm', [6, 4], ['x', 'w'], { transB: 1 }, [1, 6, 4]],
    ['Gemm', [6, 4], ['w', 'x'], {}, [1, 6, 4]],
    ['Gemm', [4, 6], ['w', 'x'], { transA: 1 }, [4, 6, 1]],
    ['Gather', [9, 4], ['w', 'x'], {}, [1, 9, 4]],
    ['Gather', [9, 4], ['w', 'x'], { axis: -1 }, [9, 4, 1]],
  ])(
    '%s of %j from %j %j has its channels where they are',
    (op, shape, inputs, attributes, [outer, channels, inner]) => {
      const layer = only(around([node(op, inputs, 'y', attributes, 'layer')], [floats('w', shape)]));
      expect(layer.layout).toEqual({ outer, channels, inner });
      expect(layer.summary).toEqual({
        name: 'layer',
        op,
        weight: 'w',
        nodes: ['layer'],
        scope: '',
        shape,
        elementType: 'float32',
        parameters: outer * channels * inner,
        bytes: outer * channels * inner * 4,
        channels,
        quantized: null,
      });
    },
  );

  it.each(['LSTM', 'GRU', 'RNN'])('%s has two, with directions and rows together', (op) => {
    const weights = [floats('w', [2, 12, 5]), floats('r', [2, 12, 3]), floats('b', [2, 24])];
    const { inspection, layers } = inspect(around([node(op, ['x', 'w', 'r', 'b'], 'y', {}, 'rnn')], weights));
    expect([...layers].map(([name, { layout }]) => [name, layout])).toEqual([
      ['rnn.W', { outer: 1, channels: 24, inner: 5 }],
      ['rnn.R', { outer: 1, channels: 24, inner: 3 }],
    ]);
    expect(inspection.skipped.map(({ name, reason }) => [name, reason])).toEqual([
      ['b', `bias or state of ${op}`],
    ]);
  });

  it.each([
    [DataType.FLOAT, 'float32'],
    [DataType.FLOAT16, 'float16'],
    [DataType.BFLOAT16, 'bfloat16'],
    [DataType.DOUBLE, 'float64'],
  ])('may have type %i', (type, elementType) => {
    const weight = rawTensor('w', type, [4, 3], floatBytes(type, ramp([4, 3])));
    expect(only(around([node('MatMul', ['x', 'w'], 'y')], [weight])).summary.elementType).toBe(elementType);
  });
});

describe('a weight is found', () => {
  const matmul = node('MatMul', ['x', 'w'], 'y', {}, 'm');
  const inIf = (parts: GraphParts, outer: GraphParts = {}) =>
    around(
      [node('If', ['c'], 'y', { then_branch: graph(parts), else_branch: graph({}) }, 'If_0')],
      [],
      outer,
    );

  it('in a Constant node', () => {
    const layer = only(around([constant(floats('', [4, 2]), 'w'), matmul]));
    expect(layer.summary.weight).toBe('w');
    expect(layer.constant.node?.opType).toBe('Constant');
  });

  it('in a subgraph', () => {
    const { summary } = only(inIf({ nodes: [matmul], initializers: [floats('w', [4, 2])] }));
    expect([summary.name, summary.scope]).toEqual(['m', 'If_0/then_branch']);
  });

  it('outside the subgraph that uses it', () => {
    const { summary } = only(inIf({ nodes: [matmul] }, { initializers: [floats('w', [4, 2])] }));
    expect([summary.name, summary.scope]).toEqual(['m', '']);
  });

  it.each(['Loop', 'Scan'])('in the body of %s', (op) => {
    const body = graph({ nodes: [constant(floats('', [4, 2]), 'w'), matmul] });
    expect(only(around([node(op, ['x'], 'y', { body })])).summary.scope).toBe(`${op}/body`);
  });

  it('in a function, which sees no name of the main graph', () => {
    const inside = modelFunction('my', 'Linear', ['x'], ['y'], [constant(floats('', [4, 2]), 'w'), matmul]);
    const blind = modelFunction('my', 'Blind', ['x'], ['y'], [matmul]);
    const proto = model(
      {
        nodes: [node('my:Linear', ['x'], 'y')],
        initializers: [floats('w', [4, 2])],
        outputs: [value('y', [])],
      },
      { functions: [inside, blind] },
    );
    // Where it is called; what is not called is not there.
    expect(only(proto).summary).toMatchObject({ name: 'Linear/m', weight: 'Linear/w', scope: '' });
    expect(reasons(proto)).toEqual({ w: 'not used' });
  });

  it('in another file', () => {
    const files = new MemoryFiles({ 'w.bin': new Uint8Array(40) });
    const weight = externalTensor('w', [4, 2], { location: 'w.bin', offset: '8' });
    const { inspection } = inspect(around([matmul], [weight]), files);
    expect(inspection.layers).toHaveLength(1);
    expect(inspection.model.externalBytes).toBe(32);
  });

  it('where an initializer is an input as well, which then is no input of the model', () => {
    const { inspection } = inspect(
      around([matmul], [floats('w', [4, 2])], { inputs: [value('x', ['n', 4]), value('w', [4, 2])] }),
    );
    expect(inspection.layers).toHaveLength(1);
    expect(inspection.model.inputs).toEqual([{ name: 'x', elementType: 'float32', shape: ['n', 4] }]);
  });

  it('where its model has an input with a free dimension of -1', () => {
    const { inspection } = inspect(
      around([matmul], [floats('w', [4, 2])], { inputs: [value('x', [-1, 4])] }),
    );
    expect(inspection.model.inputs[0]!.shape).toEqual([null, 4]);
  });

  it('but not with a negative dimension of its own', () => {
    const tensor = floats('w', [4, 2]);
    tensor.dims = [-4n, -2n];
    expect(() => inspect(around([matmul], [tensor]))).toThrow(
      'The tensor "w" has the negative dimension -4.',
    );
  });

  it('where a name is defined again in a subgraph', () => {
    const { summary } = only(
      inIf({ nodes: [matmul], initializers: [floats('w', [4, 3])] }, { initializers: [floats('w', [9, 9])] }),
    );
    expect(summary.shape).toEqual([4, 3]);
  });
});

describe('a weight that is moved about', () => {
  it.each<[string, NodeProto[], number[], [number, number, number]]>([
    ['Identity', [node('Identity', ['w'], 'v')], [4, 6], [4, 6, 1]],
    ['Cast', [node('Cast', ['w'], 'v', { to: DataType.FLOAT })], [4, 6], [4, 6, 1]],
    ['Transpose', [node('Transpose', ['w'], 'v')], [6, 4], [1, 6, 4]],
    ['Transpose', [node('Transpose', ['w'], 'v', { perm: [2, 0, 1] })], [4, 6, 2], [4, 6, 2]],
    ['Slice', [node('Slice', ['w', 'two', 'two'], 'v')], [4, 6], [4, 6, 1]],
    ['Slice at run time', [node('Slice', ['w', 'x', 'x'], 'v')], [4, 6], [4, 6, 1]],
    ['Split', [node('Split', ['w'], ['v', 'other'])], [4, 6], [4, 6, 1]],
    ['Concat', [node('Concat', ['w', 'w'], 'v')], [4, 6], [4, 6, 1]],
    ['Reshape that keeps channels', [node('Reshape', ['w', 'target'], 'v')], [8, 6], [8, 6, 1]],
    ['Reshape to an open size', [node('Reshape', ['w', 'open'], 'v')], [2, 4, 6], [8, 6, 1]],
    ['Reshape by zeros', [node('Reshape', ['w', 'zeros'], 'v')], [4, 6], [4, 6, 1]],
    ['Reshape of a list', [node('Reshape', ['w', 'target'], 'v')], [48], [8, 6, 1]],
    ['Flatten', [node('Flatten', ['w'], 'v')], [4, 3, 2], [4, 6, 1]],
    ['Flatten at an axis', [node('Flatten', ['w'], 'v', { axis: -1 })], [2, 4, 6], [8, 6, 1]],
    [
      'Flatten behind Transpose',
      [node('Transpose', ['w'], 'u', { perm: [2, 0, 1] }), node('Flatten', ['u'], 'v')],
      [2, 3, 4],
      [1, 6, 4],
    ],
    ['Squeeze of all', [node('Squeeze', ['w'], 'v')], [1, 4, 1, 6], [4, 6, 1]],
    ['Squeeze from the end', [node('Squeeze', ['w', 'last'], 'v')], [4, 6, 1], [4, 6, 1]],
    ['Unsqueeze from the end', [node('Unsqueeze', ['w', 'minusThree'], 'v')], [4, 6], [4, 6, 1]],
    [
      'Reshape before Transpose',
      [node('Reshape', ['w', 'open'], 'u'), node('Transpose', ['u'], 'v')],
      [4, 6],
      [1, 4, 6],
    ],
    [
      'Reshape after Transpose',
      [node('Transpose', ['w'], 'u'), node('Reshape', ['u', 'open'], 'v')],
      [4, 6],
      [1, 1, 24],
    ],
    ['Expand', [node('Expand', ['w', 'target'], 'v')], [4, 6], [1, 1, 24]],
  ])('by %s keeps its channels', (_, nodes, shape, [outer, channels, inner]) => {
    const constants = [
      int64s('two', [2]),
      int64s('target', [2, 4, 6]),
      int64s('open', [-1, 6]),
      int64s('zeros', [0, 6]),
      int64s('last', [-1]),
      int64s('minusThree', [-3]),
    ];
    const proto = around([...nodes, node('MatMul', ['x', 'v'], 'y')], [floats('w', shape), ...constants]);
    expect(only(proto).layout).toEqual({ outer, channels, inner });
  });

  it.each([11, 13])('by Squeeze and Unsqueeze of opset %i', (opset) => {
    const axes: [string[], Record<string, AttributeValue>] =
      opset < 13 ? [[], { axes: [0] }] : [['zero'], {}];
    const lstm = (weight: string) => [node('LSTM', ['x', weight, weight], 'y', {}, 'l')];
    const unsqueezed = around(
      [node('Unsqueeze', ['w', ...axes[0]], 'v', axes[1]), ...lstm('v')],
      [floats('w', [12, 5]), int64s('zero', [0])],
    );
    expect(only(unsqueezed).layout).toEqual({ outer: 1, channels: 12, inner: 5 });
    const squeezed = around(
      [node('Squeeze', ['w', ...axes[0]], 'v', axes[1]), node('Conv', ['x', 'v'], 'y')],
      [floats('w', [1, 12, 5, 3]), int64s('zero', [0])],
    );
    expect(only(squeezed).layout).toEqual({ outer: 1, channels: 12, inner: 15 });
  });

  it('is one layer for each tensor that is joined', () => {
    const proto = around(
      [node('Concat', ['a', 'b'], 'v'), node('MatMul', ['x', 'v'], 'y', {}, 'm')],
      [floats('a', [4, 2]), floats('b', [4, 3])],
    );
    expect(inspect(proto).inspection.layers.map(({ name, weight }) => [name, weight])).toEqual([
      ['m', 'a'],
      ['m#2', 'b'],
    ]);
  });

  it('is found behind 10,000 nodes', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) =>
      node('Identity', [i === 0 ? 'w' : `v${i}`], `v${i + 1}`),
    );
    only(around([...nodes, node('MatMul', ['x', 'v10000'], 'y')], [floats('w', [4, 2])]));
  });

  it('is not followed for ever', () => {
    const circle = [
      node('Identity', ['b'], 'a'),
      node('Identity', ['a'], 'b'),
      node('MatMul', ['x', 'a'], 'y'),
    ];
    expect(inspect(around(circle)).inspection.layers).toEqual([]);
    // Each step doubles the number of ways back to the weight.
    const doubling = Array.from({ length: 200 }, (_, i) => {
      const from = i === 0 ? 'w' : `v${i}`;
      return node('Concat', [from, from], `v${i + 1}`);
    });
    only(around([...doubling, node('MatMul', ['x', 'v200'], 'y')], [floats('w', [4, 2])]));
  });

  it('is followed once, however many nodes read a part of the way', () => {
    const chain = Array.from({ length: 4000 }, (_, i) =>
      node('Identity', [i === 0 ? 'w' : `v${i}`], `v${i + 1}`),
    );
    // The longest way first, so that it is not known to the others from shorter ones.
    const users = chain.map((_, i) => node('MatMul', ['x', `v${chain.length - i}`], `y${i}`));
    expect(only(around([...chain, ...users], [floats('w', [4, 2])])).summary.nodes).toHaveLength(4000);
  });

  it('is found among more than a call takes arguments', () => {
    const names = Array.from({ length: 130_000 }, () => 'w');
    const proto = around(
      [node('Concat', names, 'v', { axis: 1 }), node('MatMul', ['x', 'v'], 'y')],
      [floats('w', [4, 2])],
    );
    expect(only(proto).summary.channels).toBe(2);
  });

  it('is given up in a sentence where following takes too long', () => {
    const joined = Array.from({ length: 3000 }, (_, i) =>
      node('Concat', [i === 0 ? 'w' : `v${i}`, `w${i}`], `v${i + 1}`),
    );
    const users = joined.map((_, i) => node('MatMul', ['x', `v${i + 1}`], `y${i}`));
    const weights = joined.map((_, i) => floats(`w${i}`, [4, 1]));
    expect(() => inspect(around([...joined, ...users], [floats('w', [4, 1]), ...weights]))).toThrow(
      'The weights of this model pass through too many nodes to be followed back.',
    );
  });

  it('does not read a shape that no tensor can have, however many nodes name it', () => {
    const read = vi.spyOn(DataView.prototype, 'getBigInt64');
    const users = Array.from({ length: 100 }, (_, i) => [
      node('Reshape', ['w', 'target'], `v${i}`),
      node('MatMul', ['x', `v${i}`], `y${i}`),
    ]);
    const target = int64s('target', new Array<number>(20_000).fill(1));
    only(around(users.flat(), [floats('w', [4, 2]), target]));
    // A few for dimensions of tensors.
    expect(read.mock.calls.length).toBeLessThan(1000);
    read.mockRestore();
  });
});

describe('names', () => {
  it('list every node that shares a weight, and the first decides', () => {
    const { summary } = only(
      around(
        [
          node('Gather', ['w', 'x'], 'e', {}, 'embed'),
          node('Transpose', ['w'], 'v'),
          node('MatMul', ['e', 'v'], 'y', {}, 'head'),
        ],
        [floats('w', [9, 4])],
      ),
    );
    expect(summary).toMatchObject({ name: 'embed', op: 'Gather', nodes: ['embed', 'head'], channels: 9 });
  });

  it('are those of weights where nodes have none', () => {
    expect(only(around([node('MatMul', ['x', 'w'], 'y')], [floats('w', [4, 2])])).summary.name).toBe('w');
  });

  it('are made unique by scope, then by number', () => {
    const branch = (weight: string) =>
      graph({ nodes: [node('MatMul', ['x', weight], 'y', {}, 'm')], initializers: [floats(weight, [4, 2])] });
    const nodes = [
      node('If', ['c'], 'y', { then_branch: branch('a'), else_branch: branch('b') }, 'If_0'),
      node('MatMul', ['x', 'c'], 'p', {}, 'm'),
      node('MatMul', ['x', 'd'], 'q', {}, 'm'),
    ];
    const proto = around(nodes, [floats('c', [4, 2]), floats('d', [4, 2])]);
    const names = ['m', 'm#2', 'If_0/then_branch/m', 'If_0/else_branch/m'];
    expect(inspect(proto).inspection.layers.map(({ name }) => name)).toEqual(names);
  });
});

describe('a model that is quantized already', () => {
  const int8 = (name: string, dims: number[]) =>
    ints(
      name,
      DataType.INT8,
      dims,
      [...ramp(dims)].map((number) => number * 16),
    );
  const scale = [floats('s', [], [0.1]), int8('z', [])];

  it.each<[string, string, NodeProto[], number[]]>([
    [
      'int8 (DequantizeLinear)',
      'w',
      [node('DequantizeLinear', ['w', 's', 'z'], 'v'), node('MatMul', ['x', 'v'], 'y')],
      [4, 6],
    ],
    [
      'int8 (DequantizeLinear)',
      'w',
      [
        node('DequantizeLinear', ['w', 's', 'z'], 'u'),
        node('Transpose', ['u'], 'v'),
        node('MatMul', ['x', 'v'], 'y'),
      ],
      [4, 6],
    ],
    [
      'int8 (QuantizeLinear)',
      'f',
      [
        node('QuantizeLinear', ['f', 's', 'z'], 'q'),
        node('DequantizeLinear', ['q', 's', 'z'], 'v'),
        node('MatMul', ['x', 'v'], 'y'),
      ],
      [4, 6],
    ],
    [
      'int8 (Cast)',
      'w',
      [
        node('Cast', ['w'], 'a', { to: DataType.FLOAT }),
        node('Sub', ['a', 'f'], 'b'),
        node('Mul', ['b', 's'], 'v'),
        node('MatMul', ['x', 'v'], 'y'),
      ],
      [4, 6],
    ],
    ['int8 (ConvInteger)', 'w', [node('ConvInteger', ['x', 'w'], 'y')], [4, 6]],
    ['int8 (MatMulInteger)', 'w', [node('MatMulInteger', ['x', 'w'], 'y')], [4, 6]],
    ['int8 (QLinearConv)', 'w', [node('QLinearConv', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], 'y')], [4, 6]],
    [
      'int8 (QLinearMatMul)',
      'w',
      [node('QLinearMatMul', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], 'y')],
      [4, 6],
    ],
    ['int8 (QGemm)', 'w', [node('com.microsoft:QGemm', ['x', 's', 'z', 'w', 's', 'z'], 'y')], [4, 6]],
    [
      'int8 (QLinearAdd)',
      'w',
      [node('com.microsoft:QLinearAdd', ['x', 's', 'z', 'w', 's', 'z', 's'], 'y')],
      [4, 6],
    ],
    [
      'int8 (DynamicQuantizeLSTM)',
      'w',
      [node('com.microsoft:DynamicQuantizeLSTM', ['x', 'w', 'x'], 'y')],
      [4, 6],
    ],
    [
      '4 bit (MatMulNBits)',
      'w',
      [node('com.microsoft:MatMulNBits', ['x', 'w', 's'], 'y', { bits: 4, K: 8, N: 6 })],
      [8, 6],
    ],
    [
      '4 bit (GatherBlockQuantized)',
      'w',
      [node('com.microsoft:GatherBlockQuantized', ['w', 'x', 's'], 'y', { bits: 4 })],
      [4, 6],
    ],
  ])('says so: %s', (words, weight, nodes, shape) => {
    const { inspection } = inspect(around(nodes, [int8('w', [4, 6]), floats('f', [4, 6]), ...scale]));
    expect(inspection.layers).toMatchObject([{ weight, quantized: words, shape }]);
    expect(inspection.skipped.find(({ name }) => name === 's')?.reason).toMatch(/scale|parameter|not used/);
  });

  it('counts a weight as quantized if one of its users takes it so', () => {
    const proto = around(
      [
        node('MatMul', ['x', 'f'], 'p', {}, 'first'),
        node('QuantizeLinear', ['f', 's', 'z'], 'q'),
        node('DequantizeLinear', ['q', 's', 'z'], 'v'),
        node('MatMul', ['p', 'v'], 'y', {}, 'second'),
      ],
      [floats('f', [4, 4]), ...scale],
    );
    expect(only(proto).summary).toMatchObject({
      quantized: 'int8 (QuantizeLinear)',
      nodes: ['first', 'second'],
    });
  });

  it('leaves its float weights to be quantized', () => {
    const proto = around(
      [
        node('DequantizeLinear', ['w', 's', 'z'], 'v'),
        node('Concat', ['v', 'f'], 'u'),
        node('MatMul', ['x', 'u'], 'y'),
      ],
      [int8('w', [4, 6]), floats('f', [4, 6]), ...scale],
    );
    expect(inspect(proto).inspection.layers.map(({ quantized }) => quantized)).toEqual([
      'int8 (DequantizeLinear)',
      null,
    ]);
  });
});

describe('what is no layer', () => {
  it('is named with the reason', () => {
    const proto = around(
      [
        node('Conv', ['x', 'dynamic', 'bias'], 'a', {}, 'conv'),
        node('BatchNormalization', ['a', 'gamma', 'gamma', 'gamma', 'gamma'], 'b'),
        node('Add', ['b', 'offset'], 'c'),
        node('MatMul', ['c', 'vector'], 'd'),
        node('MatMul', ['c', 'd'], 'e', {}, 'attention'),
        node('Mul', ['part', 'part'], 'product'),
        node('MatMul', ['e', 'product'], 'f', {}, 'computed'),
        node('LSTM', ['x', 'dynamic', 'R'], 'l', {}, 'lstm'),
        node('Conv', ['x', 'loose'], 'g', {}, 'sparse conv'),
        node('Gather', ['x', 'c'], 'h', {}, 'indexing'),
        node('MatMul', ['x', 'none'], 'i'),
      ],
      [
        ...['bias', 'gamma', 'offset', 'vector'].map((name) => floats(name, [4])),
        ...['part', 'unused', 'out'].map((name) => floats(name, [4, 4])),
        floats('R', [1, 4, 4]),
        floats('none', [0, 4]),
      ],
      { sparse: [sparseTensor('loose', [9, 9], [1, 2])], outputs: [value('out', [4, 4])] },
    );
    expect(reasons(proto)).toEqual({
      conv: 'weight is computed at run time',
      attention: 'both operands are activations',
      computed: 'weight is computed by Mul',
      'lstm.W': 'weight is computed at run time',
      'sparse conv': 'weight is sparse',
      bias: 'bias of Conv',
      gamma: 'parameter of BatchNormalization',
      offset: 'constant operand of Add',
      vector: 'weight of MatMul with fewer than two dimensions',
      part: 'constant operand of Mul',
      loose: 'sparse tensor',
      unused: 'not used',
      out: 'output of its graph',
      none: 'empty tensor',
    });
    expect(inspect(proto).inspection.layers.map(({ name }) => name)).toEqual(['lstm.R']);
  });

  it('is named by what it becomes where it is moved about', () => {
    const proto = around(
      [
        node('Reshape', ['bias', 'list'], 'b'),
        node('Conv', ['x', 'w', 'b'], 'c'),
        node('Cast', ['offset'], 'o', { to: DataType.FLOAT }),
        node('Add', ['c', 'o'], 'y'),
        node('Transpose', ['unread'], 'u'),
      ],
      [
        ...[floats('w', [4, 4, 1, 1]), floats('bias', [1, 4]), int64s('list', [4])],
        ...[rawTensor('offset', DataType.DOUBLE, [2], new Uint8Array(16)), floats('unread', [4])],
      ],
    );
    expect(inspect(proto).inspection.skipped.map(({ name, op, reason }) => [name, op, reason])).toEqual([
      ['bias', 'Conv', 'bias of Conv'],
      ['offset', 'Add', 'constant operand of Add'],
      ['unread', 'Transpose', 'constant operand of Transpose'],
    ]);
  });

  it('counts constants that are lists', () => {
    const list = node('Constant', [], 'list');
    list.attribute = [floatsAttribute('value_floats', [1, 2, 3])];
    const strings = node('Constant', [], 'text');
    strings.attribute = [attribute('value_string', 'a')];
    const { skipped } = inspect(around([list, strings, node('Add', ['x', 'list'], 'y')])).inspection;
    expect(skipped).toEqual([
      { name: 'list', op: 'Add', shape: [3], parameters: 3, bytes: 12, reason: 'constant operand of Add' },
    ]);
  });

  it('includes what only training uses', async () => {
    const { create } = await import('@bufbuild/protobuf');
    const { TrainingInfoProtoSchema } = await import('onnx-buf');
    const proto = around([node('Relu', ['x'], 'y')]);
    const algorithm = graph({
      nodes: [node('MatMul', ['x', 't'], 'z')],
      initializers: [floats('t', [4, 4])],
    });
    proto.trainingInfo = [create(TrainingInfoProtoSchema, { algorithm })];
    expect(inspect(proto).inspection.layers).toEqual([]);
    expect(reasons(proto)).toEqual({ t: 'in a training-only graph' });
  });
});

describe('real models', () => {
  const count = (name: Parameters<typeof readReal>[0]) => {
    const { layers, skipped } = inspect(readReal(name)).inspection;
    const ops: Record<string, number> = {};
    for (const { op } of layers) ops[op] = (ops[op] ?? 0) + 1;
    return {
      ops,
      activations: skipped.filter(({ reason }) => reason === 'both operands are activations').length,
    };
  };

  it('have the layers that they have', () => {
    expect(count('cls')).toEqual({ ops: { Conv: 53, MatMul: 1 }, activations: 0 });
    expect(count('det')).toEqual({ ops: { Conv: 62, ConvTranspose: 2 }, activations: 0 });
    // Two attention blocks, each with two products of activations.
    expect(count('rec')).toEqual({ ops: { Conv: 38, MatMul: 9 }, activations: 4 });
    // Two branches of an If for two sample rates, each with six convolutions and one LSTM, which two nodes use.
    expect(count('silero')).toEqual({ ops: { Conv: 12, LSTM: 4 }, activations: 0 });
  });

  it('share the weights of silero between the branches of an inner If', () => {
    const lstm = inspect(readReal('silero')).inspection.layers.filter(({ op }) => op === 'LSTM');
    for (const { nodes, scope, shape, channels } of lstm) {
      expect(nodes).toHaveLength(2);
      expect(scope).toMatch(/^If_0\/(then|else)_branch$/);
      expect([shape, channels]).toEqual([[512, 128], 512]);
    }
    expect(new Set(lstm.map(({ name }) => name)).size).toBe(4);
  });
});

// Work for each pair of nodes would take longer than any test may.
it('a graph of 100,000 nodes and 2,000 layers is inspected', () => {
  const nodes = Array.from({ length: 100_000 }, (_, i) =>
    i % 50 === 0
      ? node('MatMul', [`a${i}`, `w${i}`], `a${i + 1}`, {}, 'same')
      : node('Relu', [`a${i}`], `a${i + 1}`),
  );
  const weights = Array.from({ length: 2000 }, (_, i) => floats(`w${i * 50}`, [2, 2]));
  const proto = around(nodes, weights);
  expect(inspect(proto).inspection.layers).toHaveLength(2000);
});
