import { describeData as describe } from '../data/describeData';
import type { Job } from './Job';

/** Summary of a recipe's calibration data; the model is not run. */
export const describeData: Job<'describeData'> = async ({ path, calibration }, { models, signal, pause }) =>
  describe(await models.open(path, signal), path, calibration, pause);
