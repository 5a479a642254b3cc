import { describeData as describe } from '../data/describeData';
import type { Job } from './Job';

/** Summary of a recipe's calibration data; the model is not run. */
export const describeData: Job<'describeData'> = ({ path, calibration }, { models, pause }) =>
  describe(models.get(path), path, calibration, pause);
