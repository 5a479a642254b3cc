import type { Job } from './Job';

/** Errors of layers at any level, as they are found. */
export const measure: Job<'measure'> = (request, { store, ...context }) =>
  store.sensitivities.measure(request, context);
