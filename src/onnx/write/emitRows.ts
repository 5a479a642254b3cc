/**
 * Rows of a quantized table, made numbers of after they are taken: an embedding reads a small part of its table, and onnxruntime would
 * compute a DequantizeLinear of the whole on each run.
 */
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { EncodedScalars, EncodedScales, EncodedTensor } from '../../quant/EncodedTensor';
import { intAttribute, floatTensor, makeTensor, toBytes } from '../file/protos';
import { channelAxis } from '../read/channelAxis';
import { pieceValues } from './codeValues';
import { blocksPerChannel } from './emitScales';
import { GraphFragment } from './GraphFragment';
import { packCodes, unpackTable } from './packCodes';
import type { WeightTarget } from './WeightTarget';

/** First opset of which rows are taken; before, a table is computed once, at load. */
const SINCE = 13;

type Scaled = EncodedScalars & {
  readonly numbers: { readonly kind: 'integer' };
  readonly scales: EncodedScales & { readonly values: Float32Array };
};

/** How the constants of a table lie for its rows. */
interface RowLayout {
  /** Of scales and zero points, broadcast over what is taken: where each row has its own, it is along the first axis. */
  readonly dims: readonly number[];
  /** Whether each row has its own, so that they are taken as the row is. */
  readonly perRow: boolean;
  /** Blocks that a row is cut into, and weights in each; null for none. */
  readonly blocks: readonly [count: number, size: number] | null;
}

/** A quantized table of which rows are taken along one axis. */
export class RowTable {
  private readonly fragment: GraphFragment;
  private readonly codes: string;
  private readonly zeroPoint: string | null;
  private readonly scale: string;

  private constructor(
    private readonly tensor: Scaled,
    private readonly target: WeightTarget,
    private readonly axis: number,
    private readonly layout: RowLayout,
    codes: string | null,
  ) {
    const table = newFragment(target.name, target);
    this.fragment = table;
    const { numbers, scales } = tensor;
    this.codes = codes ?? storeCodes(table, tensor, target.shape);
    const { zeroPoints } = numbers;
    const type = numbers.signed ? DataType.INT8 : DataType.UINT8;
    this.zeroPoint =
      zeroPoints &&
      table.constant('zero_point', (name) => makeTensor(name, type, layout.dims, toBytes(zeroPoints)));
    this.scale = table.constant('scale', (name) => floatTensor(name, layout.dims, scales.values));
  }

  /**
   * @param codes name of a constant that holds the codes, of 8 bits, in the table's shape; null for one of its own
   * @returns null if the tensor has no such form
   */
  static of(
    tensor: EncodedTensor,
    target: WeightTarget,
    axis: number,
    codes: string | null = null,
  ): RowTable | null {
    if (!isScaled(tensor) || target.opset < SINCE || (codes !== null && tensor.bits !== 8)) return null;
    const layout = rowLayout(tensor, target, axis);
    return layout && new RowTable(tensor, target, axis, layout, codes);
  }

  /** The constants that all rows are taken of. */
  get constants(): readonly TensorProto[] {
    return this.fragment.constants;
  }

  /**
   * The nodes in the place of a Gather: rows of codes, of which numbers are made in the order of DequantizeLinear's arithmetic, so
   * that they are the same to the last bit.
   *
   * Gather -> Cast (4 bits: what each byte stands for is looked up, as Gather takes no such type) -> (Reshape to blocks) -> (Sub of
   * zero points) -> Mul by scales -> (Reshape)
   */
  take({ name, input, output }: NodeProto): readonly NodeProto[] {
    const { tensor, target, axis, layout, zeroPoint } = this;
    const { bits, numbers } = tensor;
    const fragment = newFragment(output[0]!, target);
    const indices = input[1]!;
    const rows = (table: string, along: number) =>
      fragment.node('Gather', [table, indices], [intAttribute('axis', along)]);
    const own = (constant: string) => (layout.perRow ? rows(constant, 0) : constant);
    const width = target.shape.at(-1)!;
    const codes = rows(this.codes, axis);
    fragment.nodes[0]!.name = name;
    let value = bits === 4 ? lookUp(fragment, codes, numbers.signed) : fragment.cast(codes, DataType.FLOAT);
    if (layout.blocks) value = reshape(fragment, value, indices, layout.blocks);
    else if (bits === 4) value = reshape(fragment, value, indices, [width]);
    if (zeroPoint !== null)
      value = fragment.node('Sub', [value, fragment.cast(own(zeroPoint), DataType.FLOAT)]);
    value = fragment.node('Mul', [value, own(this.scale)]);
    if (layout.blocks) value = reshape(fragment, value, indices, [width]);
    fragment.finish(value, target.dataType);
    return fragment.nodes;
  }
}

function newFragment(name: string, { opset, freshName, shared }: WeightTarget): GraphFragment {
  return new GraphFragment(name, opset, freshName, shared);
}

/** Null if scales do not fit rows: those along an axis before that of the rows, or blocks that lie across them. */
function rowLayout({ bits, scales }: Scaled, target: WeightTarget, axis: number): RowLayout | null {
  const { shape, layout } = target;
  const ones = (from: number) => shape.slice(from + 1).map(() => 1);
  const isMatrix = shape.length === 2 && axis === 0;
  if (bits === 4 && !(isMatrix && shape[1]! % 2 === 0)) return null;
  if (scales.values.length === 1) return { dims: [], perRow: false, blocks: null };
  const channels = channelAxis(shape, layout);
  if (channels === null || channels < axis) return null;
  const blocks = blocksPerChannel(scales, layout);
  if (blocks === null)
    return { dims: [shape[channels]!, ...ones(channels)], perRow: channels === axis, blocks: null };
  const [rows, width] = shape as readonly [number, number];
  if (!isMatrix || channels !== 0 || width !== blocks * scales.block!) return null;
  return { dims: [rows, blocks, 1], perRow: true, blocks: [blocks, scales.block!] };
}

/** [rows, …] of bytes; of 4 bits two to a byte, the first in the lower half. */
function storeCodes(
  table: GraphFragment,
  { bits, codes, numbers }: Scaled,
  shape: readonly number[],
): string {
  if (bits === 8)
    return table.constant('codes', (name) =>
      makeTensor(name, numbers.signed ? DataType.INT8 : DataType.UINT8, shape, toBytes(codes)),
    );
  const packed = packCodes(codes, { bits: 4, shift: 0 });
  return table.constant('codes', (name) =>
    makeTensor(name, DataType.UINT8, [shape[0]!, shape[1]! / 2], packed),
  );
}

/** Bytes [..., n] -> numbers [..., n, 2] */
function lookUp(fragment: GraphFragment, bytes: string, signed: boolean): string {
  const table = fragment.shared('table_4bit', [256, 2], unpackTable(pieceValues(4, signed), 4));
  return fragment.node('Gather', [table, fragment.cast(bytes, DataType.INT32)]);
}

/** The shape of the indices, of any rank, with `sizes` behind it. */
function reshape(fragment: GraphFragment, value: string, indices: string, sizes: readonly number[]): string {
  const end = fragment.shared('row', [sizes.length], BigInt64Array.from(sizes, BigInt));
  const shape = fragment.node('Concat', [fragment.node('Shape', [indices]), end], [intAttribute('axis', 0)]);
  return fragment.node('Reshape', [value, shape]);
}

function isScaled(tensor: EncodedTensor): tensor is Scaled {
  return (
    tensor.kind === 'scalars' &&
    (tensor.bits === 4 || tensor.bits === 8) &&
    tensor.numbers.kind === 'integer' &&
    tensor.scales?.values instanceof Float32Array
  );
}
