import type { NodeProto, TensorProto } from 'onnx-buf';
import { constantValue } from '../graph/nodes';
import type { InspectedModel } from '../read/inspectModel';

/** Names of a quantized tensor's codes and of what they mean. */
export interface Quantized {
  readonly codes: string;
  readonly scale: string;
  /** Empty, as ONNX writes inputs that are not there, if zero has code zero. */
  readonly zeroPoint: string;
}

/** Where a node's result becomes codes. */
export interface QuantizedResult extends Quantized {
  /** The Relu or Clip between the node and its QuantizeLinear. */
  readonly clip: NodeProto | null;
  readonly quantize: NodeProto;
}

/** The main graph of a model with quantizers in it, as it was when this was made: who makes and who reads what. */
export class QuantizedGraph {
  readonly constants: ReadonlyMap<string, TensorProto>;
  private readonly producers = new Map<string, NodeProto>();
  private readonly readers = new Map<string, NodeProto[]>();
  private readonly outputs: ReadonlySet<string>;

  constructor({ model: { graph }, scopes }: InspectedModel) {
    for (const node of graph.node) for (const name of node.output) this.producers.set(name, node);
    // A name that a subgraph reads counts as read.
    for (const scope of scopes)
      for (const node of scope.graph.node)
        for (const name of node.input) this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    this.outputs = new Set(graph.output.map(({ name }) => name));
    this.constants = new Map([
      ...graph.initializer.map((tensor) => [tensor.name, tensor] as const),
      ...graph.node.flatMap((node) => {
        const tensor = constantValue(node)?.tensor;
        return tensor ? [[node.output[0]!, tensor] as const] : [];
      }),
    ]);
  }

  /** What a DequantizeLinear made `name` of; null if it is no such node's. */
  dequantized(name: string): Quantized | null {
    const node = this.producers.get(name);
    if (node?.opType !== 'DequantizeLinear') return null;
    const [codes, scale, zeroPoint] = node.input;
    return { codes: codes!, scale: scale!, zeroPoint: zeroPoint ?? '' };
  }

  /** The codes that a node's result becomes, where nothing reads the numbers themselves; else null. */
  quantized(node: NodeProto): QuantizedResult | null {
    const next = this.onlyReader(node);
    const clip = next?.opType === 'Relu' || next?.opType === 'Clip' ? next : null;
    const quantize = clip ? this.onlyReader(clip) : next;
    if (quantize?.opType !== 'QuantizeLinear') return null;
    const [, scale, zeroPoint] = quantize.input;
    return { codes: quantize.output[0]!, scale: scale!, zeroPoint: zeroPoint ?? '', clip, quantize };
  }

  private onlyReader(node: NodeProto): NodeProto | null {
    const name = node.output[0]!;
    const readers = this.readers.get(name) ?? [];
    return readers.length === 1 && !this.outputs.has(name) ? readers[0]! : null;
  }
}
