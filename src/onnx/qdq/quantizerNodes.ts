import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { makeNode, makeTensor, toBytes } from '../file/protos';

/** Nodes that round a tensor to codes and back, with the constants that they read. */
export interface QuantizerNodes {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/**
 * tensor -> QuantizeLinear -> DequantizeLinear -> result, of 8-bit codes.
 * @param name what the new names begin with
 */
export function quantizerNodes(
  { tensor, result, name }: { readonly tensor: string; readonly result: string; readonly name: string },
  { scales, zeroPoints, qmin }: AffineQuantizer,
  freshName: (hint: string) => string,
): QuantizerNodes {
  const type = qmin < 0 ? DataType.INT8 : DataType.UINT8;
  const scale = freshName(`${name}_scale`);
  const zeroPoint = freshName(`${name}_zero_point`);
  const quantized = freshName(`${name}_quantized`);
  return {
    nodes: [
      makeNode('QuantizeLinear', [tensor, scale, zeroPoint], quantized),
      makeNode('DequantizeLinear', [quantized, scale, zeroPoint], result),
    ],
    initializers: [
      makeTensor(scale, DataType.FLOAT, [], toBytes(scales)),
      makeTensor(zeroPoint, type, [], Uint8Array.of(zeroPoints?.[0] ?? 0)),
    ],
  };
}
