import { channelBias } from '../../../onnx/read/channelBias';
import type { MomentsState } from '../../../quant/moments/InputMoments';
import type { OpenModel } from '../../formats/OpenModel';
import type { LayerMoments } from '../../moments/gatherMoments';
import type { RoundingInputs } from '../../../quant/rounding/RoundingInputs';

type Files = Pick<OpenModel, 'files'>;

/**
 * What a layer's output error is measured by.
 * @returns or why there is nothing, as the end of a sentence
 */
export function judgedInputs(model: Files, judged: LayerMoments): Omit<RoundingInputs, 'fitted'> | string {
  if ('reason' in judged) return judged.reason;
  const state = stateOf(judged);
  if (typeof state === 'string') return state;
  const { taps, bias, channels } = judged.inputs;
  return { taps, bias: bias && channelBias(bias, channels, model.files), judged: state };
}

/**
 * What a layer's weight is rounded by.
 * @param fitted moments of the layer on the samples that codes are chosen by, `judged` on those that judge these
 * @returns or why there is nothing, as the end of a sentence
 */
export function roundingInputs(
  model: Files,
  fitted: LayerMoments,
  judged: LayerMoments,
): RoundingInputs | string {
  const state = stateOf(fitted);
  if (typeof state === 'string') return state;
  const inputs = judgedInputs(model, judged);
  return typeof inputs === 'string' ? inputs : { ...inputs, fitted: state };
}

/** A copy of the moments. */
function stateOf(moments: LayerMoments): MomentsState | string {
  if ('reason' in moments) return moments.reason;
  // Else nothing would be taken for no error.
  return moments.moments.count === 0 ? 'it reads no finite vector on any sample' : moments.moments.state;
}
