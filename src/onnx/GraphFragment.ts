import {
  TensorProto_DataType as DataType,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { int64Tensor, intAttribute, intsAttribute, makeNode } from './protos';

/** First versions of the default operator set in which an operator can do what is asked of it here. */
const SLICE_BY_INPUT = 10;

/** Nodes and constants that make one tensor, in the order in which they run. */
export class GraphFragment {
  readonly constants: TensorProto[] = [];
  readonly nodes: NodeProto[] = [];

  /**
   * @param name of the tensor that is made; all other names begin with it
   * @param opset version of the default operator set
   * @param freshName makes a name that nothing in the model has
   */
  constructor(
    private readonly name: string,
    private readonly opset: number,
    private readonly freshName: (hint: string) => string,
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
    this.nodes.push(makeNode(opType, name, inputs, name, attributes));
    return name;
  }

  /** @param dataType a TensorProto.DataType */
  cast(input: string, dataType: number): string {
    return this.node('Cast', [input], [intAttribute('to', dataType)]);
  }

  reshape(input: string, shape: readonly number[]): string {
    return this.node('Reshape', [input, this.constant('shape', (name) => int64Tensor(name, shape))]);
  }

  /** The first `count` elements of a vector. */
  take(input: string, count: number): string {
    if (this.opset < SLICE_BY_INPUT)
      return this.node('Slice', [input], [intsAttribute('starts', [0]), intsAttribute('ends', [count])]);
    const starts = this.constant('starts', (name) => int64Tensor(name, [0]));
    const ends = this.constant('ends', (name) => int64Tensor(name, [count]));
    return this.node('Slice', [input, starts, ends]);
  }

  /** Makes `value`, the last node's output, the tensor: in its element type and under its name. */
  finish(value: string, dataType: number): void {
    if (dataType !== DataType.FLOAT) this.cast(value, dataType);
    this.nodes.at(-1)!.output = [this.name];
  }
}
