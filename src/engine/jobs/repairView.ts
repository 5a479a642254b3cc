import type { Job } from './Job';

/** One layer rounded by moments beside the nearest values. */
export const repairView: Job<'repairView'> = async (request, { store, threads, signal, pause }) => {
  const { weight, inputs, samples } = await store.sensitivities.roundingOf(request, signal, pause);
  const { scheme } = request;
  const view = await threads.view().run(weight, 'repairView', { ...inputs, scheme }, { signal });
  return { ...view, samples };
};
