import { weightOf } from '../models/OpenModels';
import type { Job } from './Job';

/** Weight error of one layer under many schemes. Someone waits for it, so it goes before an analysis of all layers. */
export const bakeOff: Job<'bakeOff'> = ({ path, layer, schemes }, { models, threads, signal, progress }) => {
  const weight = weightOf(models.get(path), layer);
  return threads.pool.useNext((thread) =>
    thread.run(weight, 'bakeOff', { schemes }, { signal, onProgress: progress }),
  );
};
