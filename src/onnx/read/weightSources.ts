import { UserError } from '../../base/UserError';
import type { Channels } from './channelTracking';
import type { ConstantTensor } from '../graph/Scope';

/** Something that a weight is made of. Concat can join several. */
export type Source =
  /** A float constant that gets there by data movement alone. */
  | { readonly kind: 'float'; readonly constant: ConstantTensor; readonly channels: Channels | null }
  | ({ readonly kind: 'quantized' } & QuantizedWeight)
  /** Nothing that could be quantized; `reason` says why. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Not known before the model runs. */
  | { readonly kind: 'runtime' };

/** Counts steps, so that graphs made to be walked for ever are not. */
export class StepBudget {
  private left = MAX_STEPS;

  /** @throws UserError when there have been too many */
  spend(): void {
    if (--this.left < 0)
      throw new UserError('The weights of this model pass through too many nodes to be followed back.');
  }
}

/** Steps that may be taken for one model: enough for any real one, and taken in a second or two. */
const MAX_STEPS = 5_000_000;
/** A weight that is quantized already. */
export interface QuantizedWeight {
  readonly codes: ConstantTensor;
  /** What a code is, as in `int8` or `4 bit`. */
  readonly type: string;
  /** The operator that makes numbers of the codes; null if that is left to the node that uses the weight. */
  readonly by: string | null;
  /** Shape of the weight, which packed codes do not have themselves. */
  readonly shape: readonly number[];
  /** The other constants that go into the weight: scales, zero points, tables. */
  readonly parts: readonly ConstantTensor[];
}
