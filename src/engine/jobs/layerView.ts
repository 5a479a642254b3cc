import { weightOf } from '../models/OpenModels';
import type { Job } from './Job';

/** Histogram, levels and error map of one layer under a scheme. */
export const layerView: Job<'layerView'> = (request, { models, threads, signal }) => {
  const model = models.get(request.path);
  const weight = weightOf(model, request.layer);
  const bytesBefore = model.layers.get(request.layer)!.summary.bytes;
  return threads.view().run(weight, 'layerView', { request, bytesBefore }, { signal });
};
