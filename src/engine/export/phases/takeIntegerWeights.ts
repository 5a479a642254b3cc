import { measuredAnew } from '../measuredAnew';
import type { Phase } from '../Phase';

/** Goes on with weights as integer kernels take them beside the scales of activations that were chosen. */
export const takeIntegerWeights: Phase = (snapshot, { weightKernel }) => {
  const { model, replacements, layers, integers } = snapshot;
  const { weights } = integers!;
  const measured = measuredAnew(weightKernel, model, replacements, weights, layers);
  return Promise.resolve({ ...snapshot, replacements: weights, layers: measured });
};
