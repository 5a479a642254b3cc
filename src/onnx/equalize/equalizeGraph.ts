import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type TensorProto,
} from 'onnx-buf';
import { create } from '@bufbuild/protobuf';
import { scaleChannels } from '../../quant/equalization/ChannelMap';
import type { ExternalFiles } from '../file/externalData';
import { floatTensor, makeNode } from '../file/protos';
import { elementCount, tensorShape } from '../file/shapes';
import { tensorBytes } from '../file/tensor';
import type { Graph } from '../graph/Graph';
import type { ConstantTensor } from '../graph/Scope';
import type { ScopeEdits } from '../graph/ScopeEdits';
import type { EqualizationPair, Operand } from './EqualizationPair';
import { byConstant } from './onlyUse';

/** A pair with the scales of its channels: the activation is divided by them. */
export interface Equalization {
  readonly pair: EqualizationPair;
  readonly scales: Float32Array;
}

/**
 * Moves scales between constants. Weights keep their names and places, so that layers are the same; a constant that other nodes read as
 * well stays as it is for them.
 * @throws UserError as `tensorBytes`
 */
export function equalizeGraph(graph: Graph, files: ExternalFiles, chosen: readonly Equalization[]): Graph {
  return graph.edit(({ main }) => new Scaling(graph, files, main).apply(chosen));
}

/** The elements of a float32 constant, which the caller may change. */
export function floatsOf({ tensor }: ConstantTensor, files: ExternalFiles): Float32Array {
  return new Float32Array(tensorBytes(tensor, files).slice().buffer);
}

class Scaling {
  private readonly freshName: (hint: string) => string;
  /** Elements of constants that change where they are: a weight is scaled as what it reads and as what it makes. */
  private readonly changed = new Map<ConstantTensor, Float32Array>();

  constructor(
    private readonly graph: Graph,
    private readonly files: ExternalFiles,
    private readonly edits: ScopeEdits,
  ) {
    this.freshName = graph.freshNames();
  }

  apply(chosen: readonly Equalization[]): void {
    for (const { pair, scales } of chosen) {
      const inverse = scales.map((scale) => 1 / scale);
      const operands = [...pair.operands, ...pair.readers.map(({ operand }) => operand)];
      for (const [constant, uses] of byConstant(operands))
        this.scale(constant, uses, uses[0]!.multiplied ? scales : inverse);
      if (pair.source === 'inserted') this.insert(pair, inverse);
    }
    for (const [constant, values] of this.changed) this.replace(constant, values);
  }

  private scale(constant: ConstantTensor, uses: readonly Operand[], factors: Float32Array): void {
    const { graph, files, edits } = this;
    const { map, dims } = uses[0]!;
    const isTheirs = graph.consumers(constant.name).length === uses.length && !graph.isOutput(constant.name);
    if (isTheirs && !dims) {
      const values = this.changed.get(constant) ?? floatsOf(constant, files);
      this.changed.set(constant, values);
      scaleChannels(values, map, factors);
      return;
    }
    const before = floatsOf(constant, files);
    const values = dims ? new Float32Array(elementCount(dims)).fill(before[0]!) : before;
    scaleChannels(values, map, factors);
    const name = this.freshName(`${constant.name}_equalized`);
    edits.addInitializers([floatTensor(name, dims ?? tensorShape(constant.tensor), values)]);
    for (const { node, index } of uses) edits.draft(node).input[index] = name;
  }

  /** Puts a Mul in front of the readers. */
  private insert({ tensor, channels, readers }: EqualizationPair, inverse: Float32Array): void {
    const { graph, edits, freshName } = this;
    const [factors, scaled] = [freshName(`${tensor}_factors`), freshName(`${tensor}_equalized`)];
    edits.addInitializers([floatTensor(factors, [channels], inverse)]);
    const producer = graph.producer(tensor);
    const mul = makeNode('Mul', [tensor, factors], scaled);
    if (producer) edits.addBehind(producer, [mul]);
    else edits.addFirst([mul]);
    for (const { operand } of readers) edits.draft(operand.node).input[0] = scaled;
  }

  private replace({ name, tensor, node }: ConstantTensor, values: Float32Array): void {
    const after = floatTensor(node ? '' : name, tensorShape(tensor), values);
    if (node) this.edits.draft(node).attribute = [valueAttribute(after)];
    else this.edits.replaceTensor(tensor, after);
  }
}

function valueAttribute(t: TensorProto) {
  return create(AttributeProtoSchema, { name: 'value', type: AttributeType.TENSOR, t });
}
