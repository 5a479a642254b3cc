/** A weight takes on disk what its codes, scales, zero points and own tables take, and nothing else. */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { emitWeight } from '../../../../src/onnx/write/emitWeight';
import { planesOf } from '../../../../src/onnx/write/packCodes';
import { encodedTensor, FORMS, trueBytes } from '../../../fixtures/onnx/encoded';

const LAYOUTS = {
  convolution: { shape: [7, 5, 3, 3], layout: { outer: 1, channels: 7, inner: 45 } },
  product: { shape: [31, 9], layout: { outer: 31, channels: 9, inner: 1 } },
  'transposed convolution': { shape: [5, 7, 3, 3], layout: { outer: 5, channels: 7, inner: 9 } },
};

describe.each(Object.entries(LAYOUTS))('%s', (_, { shape, layout }) => {
  it.each([7, 13, 19, 21, 23])('at opset %i', (opset) => {
    let names = 0;
    for (const form of Object.keys(FORMS)) {
      const tensor = encodedTensor(form, layout);
      const { constants } = emitWeight(tensor, {
        name: 'w',
        shape,
        layout,
        dataType: DataType.FLOAT,
        opset,
        freshName: (hint) => `${hint}_${names++}`,
        shared: (hint) => hint,
        isMoved: false,
        dequantizes: true,
      });
      // Shapes and bounds are part of the graph.
      const bytes = constants
        .filter(({ dataType }) => dataType !== DataType.INT64)
        .reduce((sum, { rawData }) => sum + rawData.length, 0);
      // Codes and zero points are packed by themselves, and each of their planes ends with its last byte.
      const rounding = 2 * planesOf(Math.min(tensor.bits, 8)).length;
      expect(bytes - trueBytes(tensor), form).toBeGreaterThanOrEqual(0);
      expect(bytes - trueBytes(tensor), form).toBeLessThan(rounding);
    }
  });
});
