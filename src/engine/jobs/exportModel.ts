import { exportModel as write } from '../export/exportModel';
import { WeightKernel } from '../weights/WeightKernel';
import type { Job } from './Job';

/** Writes a quantized model, and compares it with the original. */
export const exportModel: Job<'export'> = async (request, { threads, ...context }) =>
  write(await WeightKernel.create(threads.loadKernel), request, context);
