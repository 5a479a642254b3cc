import { openedWeight } from '../models/OpenedModel';
import type { Job } from './Job';

/** Histogram, levels and error map of one layer under a scheme. */
export const layerView: Job<'layerView'> = async (request, { models, threads, signal }) => {
  const model = await models.open(request.path, signal);
  const weight = openedWeight(model, request.layer);
  const bytesBefore = model.inspection.layers.find(({ name }) => name === request.layer)!.bytes;
  return threads.view().run(weight, 'layerView', { request, bytesBefore }, { signal });
};
