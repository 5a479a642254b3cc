import { expect, it } from 'vitest';
import { addsPairsIn16Bits } from '../../../../src/engine/compare/addsPairsIn16Bits';
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { makeTensor } from '../../../../src/onnx/file/protos';
import { bytesOf, DataType, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { load } from '../../../fixtures/onnx/runtime';
import { dot, pairedDot } from '../../../reference/integer/pairedProducts';

it('says which arithmetic the convolutions of this machine have', async () => {
  const [channels, outputs] = [16, 32];
  const codes = Uint8Array.from({ length: channels }, (_, i) => 255 - i);
  const weights = Int8Array.from(
    { length: channels * outputs },
    (_, i) => ((i * 37) % 128) - (i % 3 === 0 ? 128 : 0),
  );
  const sums = (multiply: typeof dot) =>
    Array.from({ length: outputs }, (_, output) =>
      multiply(codes, weights.subarray(output * channels, (output + 1) * channels)),
    );
  const scale = Math.max(...sums(dot).map(Math.abs)) / 127;
  const zeros = [
    makeTensor('xz', DataType.UINT8, [], Uint8Array.of(0)),
    makeTensor('wz', DataType.INT8, [], Uint8Array.of(0)),
  ];
  const initializers = [
    ...[floats('xs', [], [1]), floats('ws', [], [1]), floats('ys', [], [scale]), ...zeros],
    makeTensor('yz', DataType.UINT8, [], Uint8Array.of(128)),
    makeTensor('w', DataType.INT8, [outputs, channels, 1, 1], new Uint8Array(weights.buffer)),
  ];
  const session = await load(
    bytesOf(
      model({
        nodes: [node('QLinearConv', ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], 'y')],
        initializers,
        inputs: [value('x', [1, channels, 1, 1], DataType.UINT8)],
        outputs: [value('y', [1, outputs, 1, 1], DataType.UINT8)],
      }),
    ),
  );
  try {
    const results = await session.run({ x: new Tensor('uint8', codes, [1, channels, 1, 1]) });
    const rounded = (multiply: typeof dot) =>
      sums(multiply).map((sum) => Math.max(0, Math.min(255, Math.round(sum / scale) + 128)));
    expect(rounded(dot)).not.toEqual(rounded(pairedDot));
    const found = Array.from(results['y']!.data as Uint8Array);
    expect(found).toEqual(rounded((await addsPairsIn16Bits()) ? pairedDot : dot));
  } finally {
    await session.release();
  }
});
