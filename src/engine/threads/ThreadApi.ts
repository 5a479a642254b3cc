/** Requests to a kernel thread: work on one weight at a time, which it holds. */
import type { BakeOffEntry, LayerViewRequest } from '../../protocol/engineApi';
import type { MomentsState } from '../../quant/moments/InputMoments';
import type { Variant, WeightMeasurement } from '../../core/measure/Measurement';
import type { LayerOutputError } from '../../core/measure/errors';
import type { LayerView, RateTheory } from '../../core/measure/layerView';
import type { SchemeId } from '../../core/scheme/scheme';
import type { RepairView } from '../../core/measure/repairView';
import type { RoundingInputs } from '../../quant/rounding/RoundingInputs';
import type { Weight } from '../weights/Weight';

export interface ThreadApi {
  /** Takes a weight over; the calls below are about it. */
  hold: {
    params: Weight;
    progress: never;
    result: null;
  };
  analyse: {
    params: { readonly name: string; readonly schemes: readonly SchemeId[] };
    progress: never;
    result: WeightMeasurement;
  };
  layerView: {
    params: { readonly request: LayerViewRequest; readonly bytesBefore: number };
    progress: never;
    result: LayerView;
  };
  /** Layer output error under some schemes. */
  outputErrors: {
    params: {
      readonly schemes: readonly Variant[];
      /** Of the samples that errors are measured on. */
      readonly judged: MomentsState;
      /** Of others, by which weights are repaired; null where no scheme is. */
      readonly fitted: MomentsState | null;
      /** Matrices in the weight, see `tapRows`; null if it is one for each group. */
      readonly taps: number | null;
      /** One number for each output channel. */
      readonly bias: Float32Array | null;
    };
    progress: never;
    result: Readonly<Record<Variant, LayerOutputError>>;
  };
  /** The weight rounded by moments beside the nearest values. */
  repairView: {
    params: RoundingInputs & { readonly scheme: SchemeId };
    progress: never;
    result: Omit<RepairView, 'samples'>;
  };
  bakeOff: {
    params: { readonly schemes: readonly SchemeId[] };
    progress: readonly BakeOffEntry[];
    result: RateTheory;
  };
}
