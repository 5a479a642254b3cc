/** Weights that DequantizeLinear takes as they are stored (ONNX operator specification, DequantizeLinear). */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { EncodedScalars, EncodedScales, EncodedTensor } from '../../quant/EncodedTensor';
import { blocksPerChannel, emitScaleValues } from './emitScales';
import type { GraphFragment } from './GraphFragment';
import { packCodes } from './packCodes';
import { intAttribute, makeTensor, toBytes } from '../file/protos';
import { elementCount } from '../file/shapes';
import { channelMajor, transposed } from '../read/rearrange';
import { storedShape } from './Stored';
import type { WeightTarget } from './WeightTarget';

/** First versions with one scale, with one for each index of an axis, and with one for each block along an axis. */
const PER_TENSOR = 10;
const PER_AXIS = 13;
const PER_BLOCK = 21;

/**
 * Element types that codes can have, by bits and kind, with the version that takes them. Integers of 16 bits and floats of 8 are not
 * among them though the specification has them: onnxruntime's CPU has no kernels that read them and does not fold their
 * DequantizeLinear, so that each run took about ten times as long as float (`npm run bench -- speed`). A Cast is folded.
 */
const TYPES: Readonly<Record<string, { readonly type: number; readonly since: number }>> = {
  int4: { type: DataType.INT4, since: 21 },
  uint4: { type: DataType.UINT4, since: 21 },
  int8: { type: DataType.INT8, since: PER_TENSOR },
  uint8: { type: DataType.UINT8, since: PER_TENSOR },
};

type Scaled = EncodedScalars & { readonly scales: EncodedScales };

/** The first opset whose DequantizeLinear takes the tensor; null if none does. */
export function dequantizedSince(tensor: EncodedTensor, layout: WeightTarget['layout']): number | null {
  if (!isScaled(tensor)) return null;
  const element = elementType(tensor);
  if (!element) return null;
  const { scales } = tensor;
  if (blocksPerChannel(scales, layout) !== null) return Math.max(element.since, PER_BLOCK);
  return Math.max(element.since, scales.values.length > 1 ? PER_AXIS : PER_TENSOR);
}

/** Whether DequantizeLinear is to make the tensor, and takes it at the target's opset. */
export function canDequantize(
  tensor: EncodedTensor,
  { layout, opset, dequantizes }: WeightTarget,
): tensor is Scaled {
  const since = dequantizes ? dequantizedSince(tensor, layout) : null;
  return since !== null && since <= opset;
}

/** codes -> DequantizeLinear: the weight in the stored shape, which `Reshape` and `Transpose` make its own where it has to be another. */
export function emitDequantized(fragment: GraphFragment, tensor: Scaled, target: WeightTarget): string {
  const { shape, layout } = target;
  const blocks = blocksPerChannel(tensor.scales, layout);
  if (blocks !== null) return dequantizeBlocks(fragment, tensor, blocks, target);
  const stored = storedShape(tensor, shape, layout);
  const perChannel = tensor.scales.values.length > 1;
  const value = dequantize(fragment, tensor, {
    shape: stored.shape,
    dims: perChannel ? [layout.channels] : [],
    attributes: perChannel ? { axis: stored.axis } : {},
    writesZero: target.isMoved,
  });
  return stored.shape === shape ? value : fragment.reshape(value, shape);
}

/**
 * Blocks go along one axis. With one outer index that is the weights of a channel, [channels, inner]; with one inner index the outer
 * axis, [outer, channels]; else the channels have to be laid out one after the other first.
 */
function dequantizeBlocks(
  fragment: GraphFragment,
  tensor: Scaled,
  blocks: number,
  target: WeightTarget,
): string {
  const { layout, shape } = target;
  const { outer, channels, inner } = layout;
  const { scales, codes } = tensor;
  const block_size = scales.block!;
  const toShape = (value: string, from: readonly number[]) =>
    from.length === shape.length && from.every((size, i) => size === shape[i])
      ? value
      : fragment.reshape(value, shape);
  if (inner === 1 && outer > 1) {
    const matrix = [outer, channels];
    const flipped = <T extends Uint8Array | Uint16Array | Float32Array>(values: T) =>
      transposed(values, channels, blocks);
    const { numbers } = tensor;
    const value = dequantize(
      fragment,
      {
        ...tensor,
        scales: { ...scales, values: flipped(scales.values) },
        numbers:
          numbers.kind === 'integer'
            ? { ...numbers, zeroPoints: numbers.zeroPoints && flipped(numbers.zeroPoints) }
            : numbers,
      },
      { shape: matrix, dims: [blocks, channels], attributes: { axis: 0, block_size } },
    );
    return toShape(value, matrix);
  }
  const matrix = [channels, outer * inner];
  const value = dequantize(
    fragment,
    outer === 1 ? tensor : { ...tensor, codes: channelMajor(codes, layout) },
    { shape: matrix, dims: [channels, blocks], attributes: { axis: 1, block_size } },
  );
  if (outer === 1) return toShape(value, matrix);
  const rows = fragment.reshape(value, [channels, outer, inner]);
  return fragment.reshape(fragment.transpose(rows, [1, 0, 2]), shape);
}

function dequantize(
  fragment: GraphFragment,
  tensor: Scaled,
  form: {
    /** Of the codes. */
    readonly shape: readonly number[];
    /** Of scales and zero points. */
    readonly dims: readonly number[];
    readonly attributes: Readonly<Record<string, number>>;
    /** Whether zero points of zero are written down. */
    readonly writesZero?: boolean;
  },
): string {
  const { bits, codes, numbers, scales } = tensor;
  const { type } = elementType(tensor)!;
  const { shape, dims, writesZero = false } = form;
  const pack = (values: Uint8Array | Uint16Array) =>
    bits === 4 ? packCodes(values, { bits, shift: 0 }) : toBytes(values);
  const inputs = [
    fragment.constant('codes', (name) => makeTensor(name, type, shape, pack(codes))),
    emitScaleValues(fragment, scales.values, dims),
  ];
  const given = numbers.kind === 'integer' ? numbers.zeroPoints : null;
  // onnxruntime 1.20 to 1.24 moves a Transpose in front of DequantizeLinear and puts QuantizeLinear between, which is uint8 without
  // zero points: such models do not load, or compute wrong numbers.
  const zeros = given ?? (writesZero ? new Uint8Array(elementCount(dims)) : null);
  if (zeros) {
    const zeroPoints = pack(zeros);
    inputs.push(fragment.constant('zero_point', (name) => makeTensor(name, type, dims, zeroPoints)));
  }
  const attributes = Object.entries(form.attributes).map(([name, value]) => intAttribute(name, value));
  return fragment.node('DequantizeLinear', inputs, attributes);
}

function isScaled(tensor: EncodedTensor): tensor is Scaled {
  return tensor.kind === 'scalars' && tensor.scales !== null;
}

function elementType({ bits, numbers }: EncodedScalars) {
  return numbers.kind === 'integer' ? TYPES[`${numbers.signed ? 'int' : 'uint'}${bits}`] : undefined;
}
