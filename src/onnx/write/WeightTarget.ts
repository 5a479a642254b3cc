import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { ShareConstant } from './GraphFragment';

/** The form that a quantized weight must take in the graph, and names and constants for it. */
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
  readonly shared: ShareConstant;
  /** Whether it is made by DequantizeLinear where the opset has one that does; else by operators that onnxruntime computes once, at load. */
  readonly dequantizes: boolean;
  /** Whether an operator that moves elements reads the weight, as a Transpose does. */
  readonly isMoved: boolean;
}
