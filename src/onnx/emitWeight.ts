import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { EncodedTensor } from '../quant/EncodedTensor';
import type { ChannelLayout } from '../shared/ChannelLayout';
import { channelAxis } from './channelAxis';
import { GraphFragment } from './GraphFragment';
import { packCodes, unpackTable } from './packCodes';
import { floatTensor, intAttribute, makeTensor } from './protos';

/** First versions of DequantizeLinear: with one scale, with an axis, and for 4-bit types (ONNX operator changelog). */
const DEQUANTIZE = 10;
const DEQUANTIZE_AXIS = 13;
const DEQUANTIZE_4_BIT = 21;

export interface WeightTarget {
  /** Name that the weight has and keeps. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: ChannelLayout;
  /** Element type that the weight has and keeps, a TensorProto.DataType. */
  readonly dataType: number;
  /** Version of the default operator set. */
  readonly opset: number;
  /** Makes a name that nothing in the model has. */
  readonly freshName: (hint: string) => string;
  /** Name of a constant [256, width] that is shared by all weights with the same content. */
  readonly sharedTable: (table: Float32Array, width: number) => string;
}

/**
 * What a quantized weight becomes in the graph: its stored codes, and standard operators that turn them back into the weight at the
 * model's own opset. DequantizeLinear where it can, Cast, Sub and Mul where it cannot, and for packed codes without an element type
 * of their own a lookup that gives all numbers of a byte at once. Each computes `fround((code or table entry - zero point) * scale)`,
 * so that the weight is the simulated one to the last bit.
 */
export function emitWeight(tensor: EncodedTensor, target: WeightTarget): GraphFragment {
  const { opset } = target;
  const perChannel = tensor.scales.length > 1;
  const fragment = new GraphFragment(target.name, opset, target.freshName);
  const axis = perChannel ? channelAxis(target.shape, target.layout) : 0;
  const { outer, channels, inner } = target.layout;
  // Scales lie along one axis; where no axis of the weight counts its channels, one is made for the purpose.
  const stored: Stored =
    axis === null ? { shape: [outer, channels, inner], axis: 1 } : { shape: target.shape, axis };
  const scaled = form(tensor, opset)(fragment, tensor, stored, target);
  fragment.finish(axis === null ? fragment.reshape(scaled, target.shape) : scaled, target.dataType);
  return fragment;
}

/** Whether the weight is stored in a 4-bit element type. */
export function usesFourBitType(tensor: EncodedTensor, opset: number): boolean {
  return tensor.bits === 4 && tensor.table === null && opset >= DEQUANTIZE_4_BIT;
}

/** The shape in which a weight is dequantized, and the axis of it that counts channels. */
interface Stored {
  readonly shape: readonly number[];
  readonly axis: number;
}

/** Adds what makes the scaled float32 weight in its stored shape, and gives its name. */
type Form = (fragment: GraphFragment, tensor: EncodedTensor, stored: Stored, target: WeightTarget) => string;

function form(tensor: EncodedTensor, opset: number): Form {
  const first =
    tensor.bits === 4 ? DEQUANTIZE_4_BIT : tensor.scales.length > 1 ? DEQUANTIZE_AXIS : DEQUANTIZE;
  if (tensor.table === null && tensor.bits > 1 && opset >= first) return dequantize;
  return tensor.table === null && tensor.bits === 8 ? castAndScale : lookUp;
}

/** codes -> DequantizeLinear */
const dequantize: Form = (fragment, tensor, { shape, axis }) => {
  const { codes, scales, zeroPoints } = tensor;
  const perChannel = scales.length > 1;
  const dims = perChannel ? [scales.length] : [];
  const pack = (values: Uint8Array) => (tensor.bits === 4 ? packCodes(values, 4) : values);
  const type = codeType(tensor);
  const inputs = [
    fragment.constant('codes', (name) => makeTensor(name, type, shape, pack(codes))),
    fragment.constant('scale', (name) => floatTensor(name, dims, scales)),
  ];
  if (zeroPoints)
    inputs.push(fragment.constant('zero_point', (name) => makeTensor(name, type, dims, pack(zeroPoints))));
  return fragment.node('DequantizeLinear', inputs, perChannel ? [intAttribute('axis', axis)] : []);
};

/** codes -> Cast -> (Sub) -> Mul */
const castAndScale: Form = (fragment, tensor, stored) => {
  const codes = fragment.constant('codes', (name) =>
    makeTensor(name, codeType(tensor), stored.shape, tensor.codes),
  );
  return scale(fragment, fragment.cast(codes, DataType.FLOAT), tensor, stored);
};

/** packed bytes -> Cast -> Gather of the numbers that each byte stands for -> (Reshape -> Slice) -> Reshape -> (Sub) -> Mul */
const lookUp: Form = (fragment, tensor, stored, { sharedTable }) => {
  const { bits, codes } = tensor;
  const perByte = 8 / bits;
  const entries =
    tensor.table ?? Float32Array.from({ length: 2 ** bits }, (_, code) => numberOf(code, tensor));
  const table = sharedTable(unpackTable(entries, bits), perByte);
  const packed = packCodes(codes, bits);
  const bytes = fragment.constant('codes', (name) =>
    makeTensor(name, DataType.UINT8, [packed.length], packed),
  );
  let values = fragment.node('Gather', [table, fragment.cast(bytes, DataType.INT32)]);
  // The last byte may hold more than is left of the weight.
  if (codes.length % perByte !== 0) values = fragment.take(fragment.reshape(values, [-1]), codes.length);
  return scale(fragment, fragment.reshape(values, stored.shape), tensor, stored);
};

function scale(
  fragment: GraphFragment,
  input: string,
  tensor: EncodedTensor,
  { shape, axis }: Stored,
): string {
  const { scales, zeroPoints } = tensor;
  // One number per channel, broadcast over the axes behind the channels' own.
  const dims = scales.length > 1 ? [scales.length, ...shape.slice(axis + 1).map(() => 1)] : [];
  let value = input;
  if (zeroPoints) {
    const numbers = Float32Array.from(zeroPoints, (code) => numberOf(code, tensor));
    value = fragment.node('Sub', [
      value,
      fragment.constant('zero_point', (name) => floatTensor(name, dims, numbers)),
    ]);
  }
  return fragment.node('Mul', [value, fragment.constant('scale', (name) => floatTensor(name, dims, scales))]);
}

function codeType({ bits, signed }: EncodedTensor): number {
  if (bits === 4) return signed ? DataType.INT4 : DataType.UINT4;
  return signed ? DataType.INT8 : DataType.UINT8;
}

/** The number that a code is; signed ones are two's complement in their low bits. */
function numberOf(code: number, { bits, signed }: EncodedTensor): number {
  const low = code % 2 ** bits;
  return signed && low >= 2 ** (bits - 1) ? low - 2 ** bits : low;
}
