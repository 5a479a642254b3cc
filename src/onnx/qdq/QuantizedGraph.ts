import type { NodeProto, TensorProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';

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

/** The main graph of a model with quantizers in it: which tensors are codes, and of what. */
export class QuantizedGraph {
  constructor(private readonly graph: Graph) {}

  /** A constant of the main graph. */
  constant(name: string): TensorProto | undefined {
    const definition = this.graph.main.definitions.get(name);
    return definition?.kind === 'constant' ? definition.constant.tensor : undefined;
  }

  /** The codes of which a DequantizeLinear produces `name`; null if it is no such node's. */
  dequantized(name: string): Quantized | null {
    const node = this.graph.producer(name);
    if (node?.opType !== 'DequantizeLinear') return null;
    const [codes, scale, zeroPoint] = node.input;
    return { codes: codes!, scale: scale!, zeroPoint: zeroPoint ?? '' };
  }

  /** The codes that a node's result becomes, where nothing reads the numbers themselves; else null. */
  quantized(node: NodeProto): QuantizedResult | null {
    const next = this.graph.soleConsumer(node.output[0]!);
    const clip = next?.opType === 'Relu' || next?.opType === 'Clip' ? next : null;
    const quantize = clip ? this.graph.soleConsumer(clip.output[0]!) : next;
    if (quantize?.opType !== 'QuantizeLinear') return null;
    const [, scale, zeroPoint] = quantize.input;
    return { codes: quantize.output[0]!, scale: scale!, zeroPoint: zeroPoint ?? '', clip, quantize };
  }
}
