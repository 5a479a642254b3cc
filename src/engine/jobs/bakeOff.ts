import { openedWeight } from '../models/OpenedModel';
import type { Job } from './Job';

/** Weight error of one layer under many schemes. Someone waits for it, so it goes before an analysis of all layers. */
export const bakeOff: Job<'bakeOff'> = async (
  { path, layer, schemes },
  { models, threads, signal, progress },
) => {
  const weight = openedWeight(await models.open(path, signal), layer);
  return threads.pool.useNext((thread) =>
    thread.run(weight, 'bakeOff', { schemes }, { signal, onProgress: progress }),
  );
};
