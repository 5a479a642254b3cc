import type { Job } from './Job';

/** Layers of a model that can be quantized, and what is left alone and why. */
export const inspect: Job<'inspect'> = async ({ path }, { models, signal }) =>
  (await models.open(path, signal)).inspection;
