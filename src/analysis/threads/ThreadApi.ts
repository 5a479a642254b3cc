/** What a kernel thread does for the engine's main thread: the work on one weight at a time, which it holds. */
import type { ChannelLayout } from '../../shared/ChannelLayout';
import type { BakeOffEntry, LayerViewRequest } from '../../shared/engineApi';
import type { MomentsState } from '../../quant/moments/InputMoments';
import type { LayerAnalysis, LayerOutputError, LayerView, RateTheory } from '../../shared/measures';
import type { SchemeId } from '../../shared/scheme';
import type { FloatType } from '../Weight';

export interface ThreadApi {
  /** Takes a weight over; the calls below are about it. */
  hold: {
    params: { readonly elementType: FloatType; readonly layout: ChannelLayout; readonly bytes: Uint8Array };
    progress: never;
    result: null;
  };
  analyse: {
    params: { readonly name: string; readonly schemes: readonly SchemeId[] };
    progress: never;
    result: LayerAnalysis;
  };
  layerView: {
    params: { readonly request: LayerViewRequest; readonly bytesBefore: number };
    progress: never;
    result: LayerView;
  };
  /** Layer output error under some schemes. */
  outputErrors: {
    params: {
      readonly schemes: readonly SchemeId[];
      readonly moments: MomentsState;
      /** Matrices in the weight, see `tapRows`; null if it is one for each group. */
      readonly taps: number | null;
      /** One number for each output channel. */
      readonly bias: Float32Array | null;
    };
    progress: never;
    result: Readonly<Record<SchemeId, LayerOutputError>>;
  };
  bakeOff: {
    params: { readonly schemes: readonly SchemeId[] };
    progress: readonly BakeOffEntry[];
    result: RateTheory;
  };
}
