import type { MomentsState } from '../moments/InputMoments';
import type { OutputShape } from '../moments/LayerOutput';

/** What rounding goes by, beside the weight itself. It can be sent to another thread. */
export interface RoundingInputs extends OutputShape {
  /** Second moments of what the layer reads: codes are chosen by these. */
  readonly fitted: MomentsState;
  /** The same on other samples, on which the chosen codes are compared with the nearest ones. */
  readonly judged: MomentsState;
}
