import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as DataType,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { makeNode, makeTensor } from '../../onnx/file/protos';
import { RuntimeModel, toTensor } from '../runtime/RuntimeModel';

/** Sums of so many products are computed by the kernels of larger ones as well. */
const SIZE = 16;

/**
 * Asks onnxruntime itself whether this machine's kernels for uint8 activations and int8 weights add products in pairs of 16 bits, which saturate: it
 * multiplies the greatest codes, and the sum is right or too small.
 * @throws UserError if onnxruntime does not run it
 */
export async function addsPairsIn16Bits(): Promise<boolean> {
  const model = await RuntimeModel.load(greatestProducts(), { threads: 1 });
  try {
    const data = new Float32Array(SIZE * SIZE).fill(255);
    const feeds = new Map([['x', toTensor({ type: 'uint8', shape: [SIZE, SIZE], data })]]);
    const sums = (await model.run(feeds)).get('y')!.data as ArrayLike<number>;
    return sums[0] !== SIZE * 255 * 127;
  } finally {
    await model.release();
  }
}

/** MatMulInteger by a matrix of 127. */
function greatestProducts(): Uint8Array {
  const value = (name: string, elemType: number) => {
    const dim = [SIZE, SIZE].map((size) => ({
      value: { case: 'dimValue' as const, value: BigInt(size) },
    }));
    const type = { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } };
    return create(ValueInfoProtoSchema, { name, type });
  };
  const graph = create(GraphProtoSchema, {
    name: 'products',
    node: [makeNode('MatMulInteger', ['x', 'w'], 'y')],
    initializer: [makeTensor('w', DataType.INT8, [SIZE, SIZE], new Uint8Array(SIZE * SIZE).fill(127))],
    input: [value('x', DataType.UINT8)],
    output: [value('y', DataType.INT32)],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 13n })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, graph, opsetImport }));
}
