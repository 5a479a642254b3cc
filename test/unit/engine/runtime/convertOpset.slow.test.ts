import { describe, expect, it } from 'vitest';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { convertOpset } from '../../../../src/engine/runtime/convertOpset';
import { bytesOf, floats, int64s, model, node, value } from '../../../fixtures/onnx/builder';

/** A chain of operators that optimizers like to fuse, at opset 9. */
const FUSIBLE = model(
  {
    nodes: [
      node('Mul', ['x', 'before'], 'scaled'),
      node('Conv', ['scaled', 'w'], 'conv'),
      node('Mul', ['conv', 'behind'], 'times'),
      node('Mul', ['times', 'again'], 'product'),
      node('Reshape', ['product', 'rows'], 'matrix'),
      node('Relu', ['matrix'], 'active'),
      node('Reshape', ['active', 'cube'], 'cubes'),
      node('MatMul', ['cubes', 'm'], 'linear'),
      node('Add', ['linear', 'b'], 'y'),
      node('Identity', ['y'], 'z'),
    ],
    inputs: [value('x', [1, 2, 4, 4])],
    outputs: [value('z', [1, 4, 3])],
    initializers: [
      floats('before', [1, 2, 1, 1]),
      floats('w', [4, 2, 1, 1]),
      floats('behind', [1, 4, 1, 1]),
      floats('again', [1, 4, 1, 1]),
      int64s('rows', [4, 16]),
      int64s('cube', [1, 4, 16]),
      floats('m', [16, 3]),
      floats('b', [3]),
    ],
  },
  { opset: 9, ir: 4 },
);

describe('converting to another opset', () => {
  it('runs no optimizer pass: every operator stays', async () => {
    const ops = ({ node: nodes }: { node: readonly { opType: string }[] }) =>
      nodes.map(({ opType }) => opType);
    const converted = fromBinary(ModelProtoSchema, await convertOpset(bytesOf(FUSIBLE), 13));
    expect(ops(converted.graph!)).toEqual(ops(FUSIBLE.graph!));
  });
});
