import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONNX } from '../../core/model/modelFormats';
import { compareDb, type Decibels } from '../../core/measure/Decibels';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { serializeModel } from '../../onnx/write/serializeModel';
import { compareModels, type VerifyOptions } from '../compare/verify';
import type { SampleList } from '../data/calibrationSamples';

/** How a model on its way to an export is judged. */
export interface Judgement {
  /** The model that it is compared with. */
  readonly comparison: Omit<VerifyOptions, 'output' | 'progress' | 'samples'>;
  readonly samples: SampleList;
  /** A folder for what is only needed meanwhile. */
  readonly temporary: string;
  /** Of a file there, which is overwritten. */
  readonly name: string;
  readonly progress: () => void;
}

/**
 * Model output error of the output that suffers most, on samples that nothing was fitted to.
 * @throws UserError if the model does not run, or none of its outputs can be compared
 * @throws CancelledError
 */
export async function judgedError(
  graph: Graph,
  files: ExternalFiles,
  { comparison, samples, temporary, name, progress }: Judgement,
): Promise<Decibels> {
  const output = join(temporary, `${name}${ONNX.extensions[0]}`);
  writeFileSync(output, serializeModel(graph, files, '').model);
  const { outputs } = await compareModels({ ...comparison, samples, output, progress });
  const errors = outputs.flatMap(({ sqnrDb }) => (sqnrDb === null ? [] : [sqnrDb]));
  return errors.reduce((worst, error) => (compareDb(error, worst) < 0 ? error : worst), 'exact');
}
