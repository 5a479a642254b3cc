import {
  TensorProto_DataType as DataType,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { intAttribute, intsAttribute, makeNode } from '../file/protos';

/**
 * Gives the name of a constant that all weights with the same content share.
 * @param hint what it is called
 */
export type ShareConstant = (
  hint: string,
  dims: readonly number[],
  values: Float32Array | Int32Array | BigInt64Array,
) => string;

/** First version of the default operator set in which Slice takes its bounds as inputs (ONNX operator changelog). */
const SLICE_BY_INPUT = 10;

/** Nodes and constants that make one tensor, in the order in which they run. */
export class GraphFragment {
  readonly constants: TensorProto[] = [];
  readonly nodes: NodeProto[] = [];

  /**
   * @param name of the tensor that is made; all other names begin with it
   * @param opset version of the default operator set
   * @param freshName makes a name that nothing in the model has
   * @param shared gives the name of a constant that all weights with the same content share
   */
  constructor(
    private readonly name: string,
    readonly opset: number,
    private readonly freshName: (hint: string) => string,
    readonly shared: ShareConstant,
  ) {}

  /** Adds a constant and gives its name. */
  constant(hint: string, make: (name: string) => TensorProto): string {
    const name = this.freshName(`${this.name}_${hint}`);
    this.constants.push(make(name));
    return name;
  }

  /** Adds a node and gives the name of its output. */
  node(opType: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    const name = this.freshName(`${this.name}_${opType}`);
    this.nodes.push(makeNode(opType, inputs, name, attributes));
    return name;
  }

  /** @param dataType a TensorProto.DataType */
  cast(input: string, dataType: number): string {
    return this.node('Cast', [input], [intAttribute('to', dataType)]);
  }

  /** @param shape may have one -1, which stands for what is left */
  reshape(input: string, shape: readonly number[]): string {
    return this.node('Reshape', [input, this.ints('shape', shape)]);
  }

  transpose(input: string, perm: readonly number[]): string {
    return this.node('Transpose', [input], [intsAttribute('perm', perm)]);
  }

  /** Repeats the tensor along each axis so many times. */
  tile(input: string, repeats: readonly number[]): string {
    return this.node('Tile', [input, this.ints('repeats', repeats)]);
  }

  /** The first `count` indices of an axis. */
  take(input: string, axis: number, count: number): string {
    if (this.opset < SLICE_BY_INPUT) {
      const bounds = { axes: axis, starts: 0, ends: count };
      return this.node(
        'Slice',
        [input],
        Object.entries(bounds).map(([name, value]) => intsAttribute(name, [value])),
      );
    }
    const bounds = [this.ints('starts', [0]), this.ints('ends', [count]), this.ints('axes', [axis])];
    return this.node('Slice', [input, ...bounds]);
  }

  /** Makes `value`, the last node's output, the tensor: in its element type and under its name. */
  finish(value: string, dataType: number): void {
    if (dataType !== DataType.FLOAT) this.cast(value, dataType);
    this.nodes.at(-1)!.output = [this.name];
  }

  private ints(hint: string, values: readonly number[]): string {
    return this.shared(hint, [values.length], BigInt64Array.from(values, BigInt));
  }
}
