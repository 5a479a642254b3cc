import type { Job } from './Job';

/** Distribution of what a layer reads, and how it is quantized. */
export const activationView: Job<'activationView'> = (request, { store, signal, pause }) =>
  store.activations.view(request, signal, pause);
