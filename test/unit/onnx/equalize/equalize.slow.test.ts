/** Moving scales between constants changes no output of the float model, whatever they are moved through. */
import { create } from '@bufbuild/protobuf';
import { ValueInfoProtoSchema, type ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { boundedScales } from '../../../../src/quant/equalization/boundedScales';
import { equalizeGraph } from '../../../../src/onnx/equalize/equalizeGraph';
import { findPairs } from '../../../../src/onnx/equalize/findPairs';
import { serializeWhole } from '../../../../src/onnx/write/serializeModel';
import {
  bytesOf,
  constant,
  floats,
  int64s,
  model,
  node,
  value,
  type GraphParts,
} from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { run } from '../../../fixtures/onnx/runtime';

let seed = 1;
function uniform(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
}

const random = (name: string, dims: readonly number[]) =>
  floats(name, dims, Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, uniform));

/** A net from x to y with the pairs that are to be found in it: activation, kind, layers that read it. */
interface Case {
  readonly name: string;
  readonly parts: GraphParts;
  readonly input: readonly number[];
  readonly pairs: readonly (readonly [string, string, readonly string[]])[];
  readonly opset?: number;
}

const conv = (name: string, input: string, output: string, attributes = {}) =>
  node('Conv', [input, `${name}.w`, `${name}.b`], output, attributes, name);

const picture = [2, 3, 6, 5] as const;
const convWeights = (name: string, dims: readonly number[]) => [
  random(`${name}.w`, dims),
  random(`${name}.b`, [dims[0]!]),
];

/** Two convolutions with something between them, from `h` to `r`. */
const between = (
  name: string,
  nodes: GraphParts['nodes'],
  initializers: GraphParts['initializers'] = [],
  more: Partial<Case> = {},
): Case => ({
  name,
  parts: {
    nodes: [conv('a', 'x', 'h'), ...nodes!, conv('b', 'r', 'y')],
    initializers: [...convWeights('a', [8, 3, 3, 3]), ...convWeights('b', [5, 8, 1, 1]), ...initializers!],
  },
  input: picture,
  pairs: [['h', 'layer', ['b']]],
  ...more,
});

const rows = [2, 4, 6] as const;
const CASES: readonly Case[] = [
  between('Relu', [node('Relu', ['h'], 'r')]),
  between('LeakyRelu', [node('LeakyRelu', ['h'], 'r', {})]),
  between(
    'PRelu with a slope for each channel',
    [node('PRelu', ['h', 'slope'], 'r')],
    [random('slope', [8, 1, 1])],
  ),
  between(
    'Identity and a Clip at zero',
    [node('Identity', ['h'], 'i'), node('Clip', ['i', 'zero'], 'r')],
    [floats('zero', [], [0])],
  ),
  between(
    'a Clip at 6, which it does not pass',
    [node('Clip', ['h', 'zero', 'six'], 'r')],
    [floats('zero', [], [0]), floats('six', [], [6])],
    { pairs: [] },
  ),
  between('pooling', [
    node('MaxPool', ['h'], 'm', { kernel_shape: [2, 2] }),
    node('AveragePool', ['m'], 'r', { kernel_shape: [2, 1] }),
  ]),
  between(
    'a sum with constants',
    [node('Add', ['h', 'c'], 's'), node('Sub', ['d', 's'], 'r')],
    [random('c', [8, 1, 1]), random('d', [1, 8, 1, 1])],
  ),
  between(
    'a sum with one number, which would differ by channel',
    [node('Add', ['h', 'c'], 'r')],
    [random('c', [1])],
    { pairs: [] },
  ),
  between(
    'constant factors',
    [node('Mul', ['c', 'h'], 's'), node('Div', ['s', 'd'], 'r')],
    [random('c', [8, 1, 1]), floats('d', [], [3])],
  ),
  between(
    'BatchNormalization',
    [node('BatchNormalization', ['h', 'g', 'c', 'm', 'v'], 'r')],
    [random('g', [8]), random('c', [8]), random('m', [8]), floats('v', [8], new Float32Array(8).fill(0.7))],
    { pairs: [['r', 'scale', ['b']]] },
  ),
  {
    name: 'groups and depthwise',
    parts: {
      nodes: [
        conv('a', 'x', 'h', { group: 1 }),
        node('Relu', ['h'], 'r'),
        conv('depth', 'r', 'k', { group: 8, pads: [1, 1, 1, 1] }),
        node('Relu', ['k'], 'l'),
        conv('grouped', 'l', 'm', { group: 2 }),
        node('Relu', ['m'], 'n'),
        conv('b', 'n', 'y'),
      ],
      initializers: [
        ...convWeights('a', [8, 3, 1, 1]),
        ...convWeights('depth', [16, 1, 3, 3]),
        ...convWeights('grouped', [6, 8, 1, 1]),
        ...convWeights('b', [2, 6, 1, 1]),
      ],
    },
    input: picture,
    pairs: [
      ['h', 'layer', ['depth']],
      ['k', 'layer', ['grouped']],
      ['m', 'layer', ['b']],
    ],
  },
  {
    name: 'transposed convolutions with groups',
    parts: {
      nodes: [
        node('ConvTranspose', ['x', 'a.w', 'a.b'], 'h', {}, 'a'),
        node('Relu', ['h'], 'r'),
        node('ConvTranspose', ['r', 'b.w'], 'k', { group: 2, strides: [2, 2] }, 'b'),
        node('PRelu', ['k', 'slope'], 'l'),
        conv('c', 'l', 'y'),
      ],
      initializers: [
        random('a.w', [3, 4, 2, 2]),
        random('a.b', [4]),
        random('b.w', [4, 3, 3, 2]),
        random('slope', [6, 1, 1]),
        ...convWeights('c', [2, 6, 1, 1]),
      ],
    },
    input: picture,
    pairs: [
      ['h', 'layer', ['b']],
      ['k', 'layer', ['c']],
    ],
  },
  {
    name: 'pictures as rows',
    parts: {
      nodes: [
        conv('a', 'x', 'h'),
        node('Relu', ['h'], 'r'),
        node('Reshape', ['r', 'target'], 'f'),
        node('Gemm', ['f', 'b.w', 'b.b'], 'g', { transB: 1 }, 'b'),
        node('Relu', ['g'], 'k'),
        node('Gemm', ['k', 'c.w'], 'y', {}, 'c'),
      ],
      initializers: [
        ...convWeights('a', [4, 3, 3, 3]),
        int64s('target', [0, -1]),
        random('b.w', [7, 48]),
        floats('b.b', [1], [0.4]),
        random('c.w', [7, 2]),
      ],
    },
    input: picture,
    pairs: [
      ['h', 'layer', ['b']],
      ['g', 'layer', ['c']],
    ],
  },
  {
    name: 'channels that are turned to the end',
    parts: {
      nodes: [
        conv('a', 'x', 'h', { kernel_shape: [6, 1] }),
        node('Squeeze', ['h', 'axes'], 's'),
        node('Transpose', ['s'], 't', { perm: [0, 2, 1] }),
        node('MatMul', ['t', 'b.w'], 'y', {}, 'b'),
      ],
      initializers: [...convWeights('a', [4, 3, 6, 1]), int64s('axes', [2]), random('b.w', [4, 3])],
    },
    input: picture,
    pairs: [['h', 'layer', ['b']]],
  },
  {
    name: 'a gate on the way and a reader before it',
    parts: {
      nodes: [
        conv('a', 'x', 'h'),
        node('Relu', ['h'], 'r'),
        node('GlobalAveragePool', ['r'], 'p'),
        conv('squeeze', 'p', 'q'),
        node('Sigmoid', ['q'], 'gate'),
        node('Mul', ['r', 'gate'], 'm'),
        conv('b', 'm', 'y'),
      ],
      initializers: [
        ...convWeights('a', [4, 3, 3, 3]),
        ...convWeights('squeeze', [4, 4, 1, 1]),
        ...convWeights('b', [2, 4, 1, 1]),
      ],
    },
    input: picture,
    pairs: [['h', 'layer', ['b', 'squeeze']]],
  },
  {
    name: 'a branch that is added, on which no scale may go',
    parts: {
      nodes: [
        conv('a', 'x', 'h'),
        node('Relu', ['h'], 'r'),
        conv('b', 'r', 'k'),
        node('Add', ['k', 'r'], 'y'),
      ],
      initializers: [...convWeights('a', [4, 3, 1, 1]), ...convWeights('b', [4, 4, 1, 1])],
    },
    input: picture,
    pairs: [],
  },
  {
    name: 'one weight that two nodes read alike, and constants of Constant nodes',
    parts: {
      nodes: [
        constant(random('a.w', [6, 4])),
        constant(random('shared', [4])),
        node('MatMul', ['x', 'a.w'], 'h', {}, 'a'),
        node('Add', ['h', 'shared'], 'i'),
        node('MatMul', ['i', 'tied'], 'k', {}, 'b'),
        node('Relu', ['i'], 'r'),
        node('MatMul', ['r', 'tied'], 'l', {}, 'b again'),
        node('Add', ['k', 'l'], 'm'),
        node('Add', ['m', 'shared'], 'y'),
      ],
      initializers: [random('tied', [4, 4])],
    },
    input: rows,
    pairs: [
      ['h', 'layer', ['b', 'b']],
      ['x', 'inserted', ['a']],
    ],
  },
  {
    name: 'LayerNormalization, also behind a residual',
    parts: {
      nodes: [
        node('LayerNormalization', ['x', 'g', 'c'], 'n'),
        node('MatMul', ['n', 'q'], 'h', {}, 'q'),
        node('MatMul', ['n', 'k'], 'i', {}, 'k'),
        node('Add', ['h', 'i'], 's'),
        node('LayerNormalization', ['s', 'g', 'c'], 'o'),
        node('MatMul', ['o', 'v'], 'j', {}, 'v'),
        node('Add', ['j', 'o'], 'y'),
      ],
      initializers: [
        random('g', [6]),
        random('c', [6]),
        random('q', [6, 6]),
        random('k', [6, 6]),
        random('v', [6, 6]),
      ],
    },
    input: rows,
    pairs: [
      ['n', 'scale', ['k', 'q']],
      ['o', 'inserted', ['v']],
    ],
  },
  {
    name: 'LayerNormalization spelled out',
    parts: {
      nodes: [
        node('ReduceMean', ['x'], 'mean', { axes: [-1] }),
        node('Sub', ['x', 'mean'], 'd'),
        node('Mul', ['d', 'd'], 'square'),
        node('ReduceMean', ['square'], 'variance', { axes: [-1] }),
        node('Sqrt', ['variance'], 'deviation'),
        node('Div', ['d', 'deviation'], 'e'),
        node('Mul', ['e', 'g'], 'm'),
        node('Add', ['m', 'c'], 'n'),
        node('MatMul', ['n', 'q'], 'h', {}, 'q'),
        node('Gemm', ['flat', 'k'], 'i', {}, 'k'),
        node('Reshape', ['n', 'matrix'], 'flat'),
        node('Reshape', ['i', 'again'], 'j'),
        node('Add', ['h', 'j'], 'y'),
      ].sort((a, b) => Number(a.input[0] === 'flat') - Number(b.input[0] === 'flat')),
      initializers: [
        random('g', [6]),
        random('c', [6]),
        random('q', [6, 3]),
        random('k', [6, 3]),
        int64s('matrix', [-1, 6]),
        int64s('again', [2, 4, 3]),
      ],
    },
    input: rows,
    pairs: [['m', 'scale', ['k', 'q']]],
  },
  {
    name: 'a recurrent layer and a product from the left',
    parts: {
      nodes: [
        node('Div', ['x', 'd'], 'e'),
        node('LSTM', ['e', 'lstm.w', 'lstm.r'], ['', 'last'], { hidden_size: 3 }, 'lstm'),
        node('Mul', ['x', 'f'], 'k'),
        node('MatMul', ['left', 'k'], 'l', {}, 'left'),
        node('ReduceSum', ['l'], 'm', { keepdims: 0 }),
        node('Add', ['last', 'm'], 'y'),
      ],
      initializers: [
        floats('d', [6], [1, 2, -3, 4, 5, 0.5]),
        random('f', [4, 1]),
        random('lstm.w', [1, 12, 6]),
        random('lstm.r', [1, 12, 3]),
        random('left', [5, 4]),
      ],
    },
    input: rows,
    pairs: [
      ['e', 'scale', ['lstm.W']],
      ['k', 'scale', ['left']],
    ],
  },
];

/** The shape of its output is for the runtime to tell. */
function modelOf({ parts, input, opset = 17 }: Case): ModelProto {
  return model(
    { ...parts, inputs: [value('x', [...input])], outputs: [create(ValueInfoProtoSchema, { name: 'y' })] },
    { opset },
  );
}

async function outputOf(bytes: Uint8Array, dims: readonly number[]) {
  const count = dims.reduce((a, b) => a * b, 1);
  const x = new Tensor(
    'float32',
    Float32Array.from({ length: count }, (_, i) => Math.sin(i)),
    [...dims],
  );
  const [y] = Object.values(await run(bytes, { x }));
  return y!.data as Float32Array;
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, each) => sum + each * each, 0));
}

describe.each(CASES)('scales through $name', (each) => {
  const proto = modelOf(each);
  const inspected = inspect(bytesOf(proto));
  const found = () => findPairs({ ...inspected, files: NO_FILES });

  it('are found where they can be moved', () => {
    const said = found().map(({ tensor, source, readers }) => [
      tensor,
      source,
      readers.map(({ layer }) => layer).sort(),
    ]);
    expect(
      said.filter(
        ([, source]) => source !== 'inserted' || each.pairs.some(([, kind]) => kind === 'inserted'),
      ),
    ).toEqual(each.pairs);
  });

  it('leave the output as it is, powers of two to the last bit', async () => {
    const before = await outputOf(bytesOf(proto), each.input);
    expect(norm(before)).toBeGreaterThan(0);
    for (const [spread, allowed] of [
      [0, 1e-5],
      [1, 0],
    ] as const) {
      const chosen = found().map((pair) => {
        const raw = Float32Array.from({ length: pair.channels }, () => 2 ** (4 * uniform()));
        return { pair, scales: spread === 1 ? boundedScales(raw) : raw };
      });
      const graph = equalizeGraph(inspected.graph, NO_FILES, chosen);
      const after = await outputOf(serializeWhole(graph, NO_FILES), each.input);
      expect(norm(after.map((x, i) => x - before[i]!)) / norm(before)).toBeLessThanOrEqual(allowed);
      if (chosen.length > 0) expect(graph).not.toBe(inspected.graph);
    }
  });
});
