import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { integerBias, type IntegerFormat } from '../../../reference/integer/IntegerLayer';
import { integerConv2d } from '../../../reference/integer/integerConv2d';
import { UserError } from '../../../../src/base/UserError';
import { bytesOf, DataType, floats, model, node, rawTensor, value } from '../../../fixtures/onnx/builder';
import { load } from '../../../fixtures/onnx/runtime';
import { convolve, CONVOLUTIONS, type Convolution } from '../convolve';
import {
  byFloats,
  centred,
  compare,
  formatFor,
  randomLayer,
  scaleOf,
  type RandomLayer,
  type Type,
} from './layers';

const ONNX = { int8: DataType.INT8, uint8: DataType.UINT8 } as const;

const TYPES: readonly { input: Type; weights: Type; output: Type }[] = [
  { input: 'uint8', weights: 'int8', output: 'uint8' },
  { input: 'int8', weights: 'int8', output: 'int8' },
  { input: 'uint8', weights: 'uint8', output: 'uint8' },
];

interface Case {
  readonly layer: RandomLayer;
  readonly output: IntegerFormat;
  readonly sums: Float64Array;
  readonly outDims: readonly [number, number, number, number];
  readonly channelOf: (index: number) => number;
}

function randomCase(
  convolution: Convolution,
  seed: number,
  types: (typeof TYPES)[number],
  perChannel: boolean,
): Case {
  const layer = randomLayer(seed, { ...types, perChannel }, convolution.input, convolution.weight);
  const { input, weights } = centred(layer);
  const { dims, values } = convolve(convolution, input, weights);
  const plane = dims[2] * dims[3];
  const channelOf = (index: number) => Math.floor(index / plane) % dims[1];
  const sums = values.map((sum, i) => sum + layer.bias[channelOf(i)]!);
  return { layer, output: formatFor(types.output, sums, layer), sums, outDims: dims, channelOf };
}

const attributes = ({ group, strides, dilations, pads }: Convolution) => ({
  group,
  strides,
  dilations,
  pads,
});

const scalar = (name: string, format: Pick<IntegerFormat, 'type' | 'zeroPoint'>) =>
  rawTensor(name, ONNX[format.type], [], Uint8Array.of(format.zeroPoint));

/** Initializers that both forms of the graph have. */
function numbers({ layer: { input, weights, bias }, output }: Case) {
  const { scales, zeroPoints } = weights;
  const dims = scales.length === 1 ? [] : [scales.length];
  return [
    floats('xs', [], [input.scale]),
    scalar('xz', input),
    rawTensor('w', ONNX[weights.type], weights.dims, new Uint8Array(weights.data.buffer)),
    floats('ws', dims, scales),
    rawTensor('wz', ONNX[weights.type], dims, Uint8Array.from(zeroPoints!)),
    rawTensor('b', DataType.INT32, [bias.length], new Uint8Array(bias.buffer)),
    floats('ys', [], [output.scale]),
    scalar('yz', output),
  ];
}

function operatorModel(convolution: Convolution, one: Case): Uint8Array {
  return bytesOf(
    model({
      inputs: [value('x', convolution.input, ONNX[one.layer.input.type])],
      outputs: [value('y', one.outDims, ONNX[one.output.type])],
      initializers: numbers(one),
      nodes: [
        node(
          'QLinearConv',
          ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'],
          'y',
          attributes(convolution),
        ),
      ],
    }),
  );
}

/** The same layer as a float Conv among DequantizeLinear and QuantizeLinear. */
function qdqModel(convolution: Convolution, one: Case): Uint8Array {
  const { bias } = one.layer;
  const scales = Float32Array.from(bias, (_, channel) => {
    const [a, b] = scaleOf(one.layer, channel);
    return a * b;
  });
  return bytesOf(
    model({
      inputs: [value('x', convolution.input, ONNX[one.layer.input.type])],
      outputs: [value('y', one.outDims, ONNX[one.output.type])],
      initializers: [
        ...numbers(one),
        floats('bs', [bias.length], scales),
        rawTensor('bz', DataType.INT32, [bias.length], new Uint8Array(4 * bias.length)),
      ],
      nodes: [
        node('DequantizeLinear', ['x', 'xs', 'xz'], 'xf'),
        node('DequantizeLinear', ['w', 'ws', 'wz'], 'wf', { axis: 0 }),
        node('DequantizeLinear', ['b', 'bs', 'bz'], 'bf', { axis: 0 }),
        node('Conv', ['xf', 'wf', 'bf'], 'yf', attributes(convolution)),
        node('QuantizeLinear', ['yf', 'ys', 'yz'], 'y'),
      ],
    }),
  );
}

async function outputOf(
  bytes: Uint8Array,
  { layer: { input } }: Case,
  saveTo?: string,
): Promise<ArrayLike<number>> {
  // On processors other than ARM, onnxruntime leaves nodes with int8 activations in float unless asked for integers.
  const extra = { session: { qdqisint8allowed: '1' } };
  const session = await load(bytes, saveTo === undefined ? {} : { optimizedModelFilePath: saveTo, extra });
  const { y } = await session.run({ x: new Tensor(input.type, input.data as Uint8Array, input.dims) });
  await session.release();
  return y!.data as Uint8Array;
}

const computed = (convolution: Convolution, { layer, output }: Case) =>
  integerConv2d(layer.input, layer.weights, layer.bias, output, attributes(convolution));

const CASES = CONVOLUTIONS.flatMap(([name, convolution], i) =>
  TYPES.flatMap((types, j) =>
    // onnxruntime has no QLinearConv with uint8 weights per channel.
    (types.weights === 'uint8' ? [false] : [true, false]).map((perChannel, k) => {
      const label = `${name}, ${types.input} with ${types.weights} per ${perChannel ? 'channel' : 'tensor'}`;
      return [
        label,
        convolution,
        randomCase(convolution, 100 * i + 10 * j + k + 1, types, perChannel),
      ] as const;
    }),
  ),
);

describe('a convolution in integers', () => {
  it.each(CASES)('is within one step of exact arithmetic, rounded: %s', (_, convolution, one) => {
    const { data, dims } = computed(convolution, one);
    expect(dims).toEqual(one.outDims);
    const exact = Array.from(one.sums, (sum, i) => {
      const [a, b] = scaleOf(one.layer, one.channelOf(i));
      return Math.round((sum * a * b) / one.output.scale) + one.output.zeroPoint;
    });
    const [least, greatest] = one.output.type === 'int8' ? [-128, 127] : [0, 255];
    const clamped = exact.map((code) => Math.max(least, Math.min(greatest, code)));
    expect(compare(data, clamped, one.sums, one.layer, one.output, one.channelOf).unexplained).toBe(0);
    expect(new Set(data).size).toBeGreaterThan(20);
  });

  it.each(CASES)(
    "is onnxruntime's QLinearConv but where rounding decides: %s",
    async (_, convolution, one) => {
      const theirs = await outputOf(operatorModel(convolution, one), one);
      // To the last bit what the int32 sums give by way of float32: onnxruntime sums the same integers.
      const floating = Array.from(one.sums, (sum, i) =>
        byFloats(sum, scaleOf(one.layer, one.channelOf(i)), one.output),
      );
      expect(Array.from(theirs)).toEqual(floating);
      const { different, count, unexplained } = compare(
        computed(convolution, one).data,
        theirs,
        one.sums,
        one.layer,
        one.output,
        one.channelOf,
      );
      expect(unexplained).toBe(0);
      expect(different).toBeLessThanOrEqual(Math.max(1, 0.01 * count));
    },
  );

  it("is what onnxruntime fuses of QDQ nodes, which is a QLinearConv's", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quantscope-'));
    try {
      for (const [i, [, convolution, one]] of CASES.entries()) {
        if (one.layer.weights.type === 'uint8') continue;
        const path = join(folder, `${i}.onnx`);
        const theirs = await outputOf(qdqModel(convolution, one), one, path);
        const { node: nodes } = fromBinary(ModelProtoSchema, readFileSync(path)).graph!;
        // Transposes put the channels last, as its fastest kernels want them.
        const operators = nodes.map(({ opType }) => opType).filter((operator) => operator !== 'Transpose');
        expect(operators).toEqual(['QLinearConv']);
        expect(theirs).toEqual(await outputOf(operatorModel(convolution, one), one));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives a one-dimensional convolution as one over a single row', () => {
    const [, convolution, one] = CASES[0]!;
    const { layer, output } = one;
    const flat = (dims: readonly number[]) => [dims[0]! * dims[1]!, 1, dims[2]! * dims[3]!];
    const input = { ...layer.input, dims: flat(convolution.input) };
    const weights = {
      ...layer.weights,
      dims: flat(convolution.weight),
      scales: Float32Array.of(1e-4),
      zeroPoints: null,
    };
    const alone = integerConv2d(input, weights, null, output);
    const lifted = integerConv2d(
      { ...input, dims: input.dims.toSpliced(2, 0, 1) },
      { ...weights, dims: weights.dims.toSpliced(2, 0, 1) },
      null,
      output,
    );
    expect(alone.data).toEqual(lifted.data);
    expect(alone.dims).toEqual(lifted.dims.toSpliced(2, 1));
  });

  it('refuses shapes, scales and zero points that do not fit', () => {
    const [, convolution, { layer, output }] = CASES[0]!;
    const run = (part: Partial<RandomLayer>, format = output, group = 1) => {
      const { input, weights, bias } = { ...layer, ...part };
      return () => integerConv2d(input, weights, bias, format, { ...attributes(convolution), group });
    };
    for (const wrong of [
      run({ input: { ...layer.input, dims: [1, 3, 6, 7] } }),
      run({ input: { ...layer.input, zeroPoint: 256 } }),
      run({ weights: { ...layer.weights, scales: Float32Array.of(0, 1, 1, 1) } }),
      run({ weights: { ...layer.weights, scales: Float32Array.of(1, 1) } }),
      run({ bias: new Int32Array(3) }),
      run({}, { ...output, scale: NaN }),
      run({}, { ...output, zeroPoint: 1.5 }),
      run({}, output, 2),
    ])
      expect(wrong).toThrow(UserError);
  });
});

describe('the bias', () => {
  it("has the products' scale and saturates", () => {
    const codes = integerBias(Float32Array.of(1, -1, 1e9, -1e9), 0.5, Float32Array.of(0.25, 0.5, 1e-3, 1e-3));
    expect(codes).toEqual(Int32Array.of(8, -4, 2 ** 31 - 1, -(2 ** 31)));
  });
});
