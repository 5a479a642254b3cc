import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { ShareConstant } from './GraphFragment';

/** What a quantized weight has to become, and what it may use for that. */
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
}
