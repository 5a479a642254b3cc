import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../quant/EncodedTensor';
import type { ChannelLayout } from '../shared/ChannelLayout';
import { channelShape } from './channelLayout';
import { packCodes, unpackTable } from './packCodes';
import { floatTensor, int64Tensor, intAttribute, intsAttribute, makeNode, makeTensor } from './protos';

/** What a weight becomes: constants, and the nodes that make the weight of them, in order. */
export interface EmittedWeight {
  readonly constants: TensorProto[];
  readonly nodes: NodeProto[];
  /** Whether the file needs IR version 10, as 4-bit element types do. */
  readonly needsIr10: boolean;
}

export interface EmitOptions {
  /** Name that the weight has and keeps. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: ChannelLayout;
  /** Element type that the weight has and keeps, a TensorProto.DataType. */
  readonly dataType: number;
  readonly opset: number;
  /** A name that nothing in the model has, made from a hint. */
  readonly freshName: (hint: string) => string;
  /** Name of a constant that is shared by all weights with the same content. */
  readonly sharedTable: (table: Float32Array, width: number) => string;
}

/**
 * The standard operators that turn stored codes back into a weight, at the model's own opset:
 * DequantizeLinear where it can (opset 10; per axis 13; 4-bit types 21), Cast, Sub and Mul where it cannot, and for packed codes
 * without an element type of their own a lookup that gives all numbers of a byte at once. Each computes
 * `fround((code or table entry - zero point) * scale)`, so that the weight is the simulated one to the last bit.
 */
export function emitWeight(tensor: EncodedTensor, options: EmitOptions): EmittedWeight {
  const { opset } = options;
  const weight = new WeightEmitter(tensor, options);
  const perChannel = tensor.scales.length > 1;
  const isInt4 = tensor.bits === 4 && tensor.table === null;
  if (isInt4 && opset >= 21) weight.dequantize();
  else if (tensor.bits < 8 || tensor.table !== null) weight.lookUp();
  else if (opset >= (perChannel ? 13 : 10)) weight.dequantize();
  else weight.castAndScale();
  return { constants: weight.constants, nodes: weight.nodes, needsIr10: isInt4 && opset >= 21 };
}

class WeightEmitter {
  readonly constants: TensorProto[] = [];
  readonly nodes: NodeProto[] = [];
  /** Shape of one scale per channel next to the weight; null for a single one. */
  private readonly scaleShape: number[] | null;

  constructor(
    private readonly tensor: EncodedTensor,
    private readonly options: EmitOptions,
  ) {
    this.scaleShape = tensor.scales.length > 1 ? channelShape(options.shape, options.layout) : null;
  }

  /** codes -> DequantizeLinear (-> Reshape) (-> Cast) */
  dequantize(): void {
    const { bits, scales, zeroPoints } = this.tensor;
    const { shape, layout } = this.options;
    const axes =
      this.scaleShape?.flatMap((size, axis) => (size > 1 || scales.length === 1 ? [axis] : [])) ?? [];
    // Scales lie along one axis; channels that span several are counted along one made for the purpose.
    const merged = axes.length > 1;
    const stored = merged ? [layout.outer, layout.channels, layout.inner] : shape;
    const axis = merged ? 1 : (axes[0] ?? 0);
    const scaleDims = scales.length > 1 ? [scales.length] : [];
    const inputs = [
      this.constant('codes', this.codesTensor(bits, stored)),
      this.constant('scale', (name) => floatTensor(name, scaleDims, scales)),
    ];
    if (zeroPoints)
      inputs.push(
        this.constant('zero_point', (name) => makeTensor(name, DataType.UINT8, scaleDims, zeroPoints)),
      );
    const attributes = scales.length > 1 ? [intAttribute('axis', axis)] : [];
    const steps: Step[] = [(input) => this.node('DequantizeLinear', [input, ...inputs.slice(1)], attributes)];
    if (merged) steps.push((input) => this.reshape(input, shape));
    this.run(inputs[0]!, steps);
  }

  /** codes -> Cast (-> Sub) -> Mul (-> Cast) */
  castAndScale(): void {
    const { bits, zeroPoints } = this.tensor;
    const { shape } = this.options;
    const steps: Step[] = [(input) => this.node('Cast', [input], [intAttribute('to', DataType.FLOAT)])];
    if (zeroPoints) {
      const values = Float32Array.from(zeroPoints);
      const zero = this.constant('zero_point', (name) => floatTensor(name, this.scaleShape ?? [], values));
      steps.push((input) => this.node('Sub', [input, zero]));
    }
    steps.push((input) => this.scale(input));
    this.run(this.constant('codes', this.codesTensor(bits, shape)), steps);
  }

  /** packed bytes -> Cast -> Gather from a table with the numbers of each byte -> (Reshape, Slice) -> Reshape -> Mul (-> Cast) */
  lookUp(): void {
    const { bits, codes, table, scales } = this.tensor;
    const { shape, opset } = this.options;
    const perByte = 8 / bits;
    const count = codes.length;
    const packed = packCodes(codes, bits);
    const entries = table ?? Float32Array.from({ length: 2 ** bits }, (_, code) => signed(code, bits));
    const lookup = this.options.sharedTable(unpackTable(entries, bits), perByte);
    const steps: Step[] = [
      (input) => this.node('Cast', [input], [intAttribute('to', DataType.INT32)]),
      (input) => this.node('Gather', [lookup, input]),
    ];
    if (count % perByte !== 0) {
      steps.push((input) => this.reshape(input, [-1]));
      steps.push((input) =>
        opset >= 10 ? this.sliceByInput(input, count) : this.sliceByAttribute(input, count),
      );
    }
    steps.push((input) => this.reshape(input, shape));
    // A table may have the scale in it; one of 1 would be multiplied for nothing.
    if (scales.length > 1 || scales[0] !== 1) steps.push((input) => this.scale(input));
    this.run(
      this.constant('codes', (name) => makeTensor(name, DataType.UINT8, [packed.length], packed)),
      steps,
    );
  }

  /** Chains the steps; the last one's output is the weight. */
  private run(input: string, steps: Step[]): void {
    const { name, dataType } = this.options;
    if (dataType !== DataType.FLOAT)
      steps.push((value) => this.node('Cast', [value], [intAttribute('to', dataType)]));
    let value = input;
    for (const step of steps) value = step(value);
    this.nodes.at(-1)!.output = [name];
  }

  private codesTensor(bits: number, dims: readonly number[]): (name: string) => TensorProto {
    const { codes, signed: isSigned } = this.tensor;
    if (bits === 4) return (name) => makeTensor(name, DataType.INT4, dims, packCodes(codes, 4));
    return (name) => makeTensor(name, isSigned ? DataType.INT8 : DataType.UINT8, dims, codes);
  }

  private scale(input: string): string {
    const { scales } = this.tensor;
    const dims = this.scaleShape ?? [];
    return this.node('Mul', [input, this.constant('scale', (name) => floatTensor(name, dims, scales))]);
  }

  private reshape(input: string, shape: readonly number[]): string {
    return this.node('Reshape', [input, this.constant('shape', (name) => int64Tensor(name, shape))]);
  }

  private sliceByInput(input: string, end: number): string {
    const starts = this.constant('starts', (name) => int64Tensor(name, [0]));
    const ends = this.constant('ends', (name) => int64Tensor(name, [end]));
    return this.node('Slice', [input, starts, ends]);
  }

  private sliceByAttribute(input: string, end: number): string {
    return this.node('Slice', [input], [intsAttribute('starts', [0]), intsAttribute('ends', [end])]);
  }

  private constant(hint: string, make: (name: string) => TensorProto): string {
    const name = this.options.freshName(`${this.options.name}_${hint}`);
    this.constants.push(make(name));
    return name;
  }

  private node(
    opType: string,
    inputs: readonly string[],
    attributes: Parameters<typeof makeNode>[4] = [],
  ): string {
    const name = this.options.freshName(`${this.options.name}_${opType}`);
    this.nodes.push(makeNode(opType, name, inputs, name, attributes));
    return name;
  }
}

/** Adds nodes that take a value, and names what they make of it. */
type Step = (input: string) => string;

function signed(code: number, bits: number): number {
  return code < 2 ** (bits - 1) ? code : code - 2 ** bits;
}
