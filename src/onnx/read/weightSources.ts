import { UserError } from '../../base/UserError';
import type { Channels } from './channelTracking';
import type { ConstantTensor, Scope } from '../graph/Scope';

/** Something that a weight is made of. Concat can join several. */
export type Source =
  /** A float constant that gets there by data movement alone. */
  | { readonly kind: 'float'; readonly constant: ConstantTensor; readonly channels: Channels | null }
  | ({ readonly kind: 'quantized' } & QuantizedWeight)
  /** Nothing that could be quantized; `reason` says why. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Not known before the model runs. */
  | { readonly kind: 'runtime' };

/** Counts steps, so that graphs made to be walked for ever are not: so many as are linear in the model. */
export class StepBudget {
  private left: number;

  constructor(scopes: readonly Scope[]) {
    const size = ({ graph }: Scope) => graph.node.reduce((sum, { input }) => sum + 1 + input.length, 0);
    this.left = BASE_STEPS + STEPS_PER_INPUT * scopes.reduce((sum, scope) => sum + size(scope), 0);
  }

  /** @throws UserError when there have been too many */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0)
      throw new UserError('The weights of this model pass through too many nodes to be followed back.');
  }
}

/** Steps for any model, and more for each node and each of its inputs: many times what real ones take. */
const BASE_STEPS = 100_000;
const STEPS_PER_INPUT = 20;

/** A weight that is quantized already. */
export interface QuantizedWeight {
  readonly codes: ConstantTensor;
  /** The type of a code, as in `int8` or `4 bit`. */
  readonly type: string;
  /** The operator that makes numbers of the codes; null if that is left to the node that uses the weight. */
  readonly by: string | null;
  /** Shape of the weight, which packed codes do not have themselves. */
  readonly shape: readonly number[];
  /** The other constants that go into the weight: scales, zero points, tables. */
  readonly parts: readonly ConstantTensor[];
}
