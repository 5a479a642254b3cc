import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { describe, expect, it } from 'vitest';
import { integerGemm } from '../../../reference/integer/integerGemm';
import { UserError } from '../../../../src/base/UserError';
import { bytesOf, DataType, floats, model, node, rawTensor, value } from '../../../fixtures/onnx/builder';
import { load } from '../../../fixtures/onnx/runtime';
import { byFloats, centred, compare, formatFor, randomLayer, scaleOf, type Type } from './layers';

const ONNX = { int8: DataType.INT8, uint8: DataType.UINT8 } as const;
const ROWS = 9;
const OUTPUTS = 13;

function randomCase(seed: number, inputs: number, type: Type, perChannel: boolean) {
  const types = { input: type, weights: 'int8', perChannel } as const;
  const layer = randomLayer(seed, types, [3, ROWS / 3, inputs], [OUTPUTS, inputs]);
  const { input, weights } = centred(layer);
  const products = Array.from({ length: ROWS * OUTPUTS }, (_, at) => {
    const [row, output] = [Math.floor(at / OUTPUTS), at % OUTPUTS];
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += input[row * inputs + i]! * weights[output * inputs + i]!;
    return sum;
  });
  return {
    layer,
    products,
    output: formatFor(type, products, layer),
    channelOf: (at: number) => at % OUTPUTS,
  };
}

type Case = ReturnType<typeof randomCase>;

async function runtimeProduct({ layer: { input, weights }, output }: Case): Promise<ArrayLike<number>> {
  const inputs = weights.dims[1]!;
  const count = weights.scales.length;
  const dims = count === 1 ? [] : [count];
  const transposed = Int8Array.from(weights.data, (_, at) => {
    const [i, channel] = [Math.floor(at / OUTPUTS), at % OUTPUTS];
    return weights.data[channel * inputs + i]!;
  });
  const type = ONNX[input.type];
  const bytes = bytesOf(
    model({
      inputs: [value('a', input.dims, type)],
      outputs: [value('y', [3, ROWS / 3, OUTPUTS], type)],
      initializers: [
        floats('as', [], [input.scale]),
        rawTensor('az', type, [], Uint8Array.of(input.zeroPoint)),
        rawTensor('b', DataType.INT8, [inputs, OUTPUTS], new Uint8Array(transposed.buffer)),
        floats('bs', dims, weights.scales),
        rawTensor('bz', DataType.INT8, dims, new Uint8Array(count)),
        floats('ys', [], [output.scale]),
        rawTensor('yz', type, [], Uint8Array.of(output.zeroPoint)),
      ],
      nodes: [node('QLinearMatMul', ['a', 'as', 'az', 'b', 'bs', 'bz', 'ys', 'yz'], 'y')],
    }),
  );
  const session = await load(bytes);
  const { y } = await session.run({ a: new Tensor(input.type, input.data as Uint8Array, input.dims) });
  await session.release();
  return y!.data as Uint8Array;
}

const CASES = ([1, 7, 64, 300] as const).flatMap((inputs) =>
  (['uint8', 'int8'] as const).flatMap((type) =>
    [true, false].map(
      (perChannel, k) =>
        [
          `${inputs} inputs, ${type}, per ${perChannel ? 'channel' : 'tensor'}`,
          randomCase(inputs + k, inputs, type, perChannel),
        ] as const,
    ),
  ),
);

describe('a matrix product in integers', () => {
  it.each(CASES)("is onnxruntime's QLinearMatMul but where rounding decides: %s", async (_, one) => {
    const { layer, products, output, channelOf } = one;
    const theirs = await runtimeProduct(one);
    expect(Array.from(theirs)).toEqual(
      products.map((sum, i) => byFloats(sum, scaleOf(layer, channelOf(i)), output)),
    );
    const { data, dims } = integerGemm(layer.input, layer.weights, null, output);
    expect(dims).toEqual([3, ROWS / 3, OUTPUTS]);
    const { different, unexplained } = compare(data, theirs, products, layer, output, channelOf);
    expect(unexplained).toBe(0);
    expect(different).toBeLessThanOrEqual(0.02 * products.length);
  });

  it('adds the bias before it rescales', () => {
    const [, { layer, products, output, channelOf }] = CASES.at(-1)!;
    const { data } = integerGemm(layer.input, layer.weights, layer.bias, output);
    const sums = products.map((sum, i) => sum + layer.bias[channelOf(i)]!);
    const floating = sums.map((sum, i) => byFloats(sum, scaleOf(layer, channelOf(i)), output));
    expect(compare(data, floating, sums, layer, output, channelOf).unexplained).toBe(0);
  });

  it('refuses a weight for other inputs', () => {
    const [, { layer, output }] = CASES[0]!;
    const weights = { ...layer.weights, dims: [1, OUTPUTS] };
    expect(() => integerGemm({ ...layer.input, dims: [9, 1] }, weights, null, output)).toThrow(UserError);
  });
});
