import { withOutputs } from '../../onnx/subgraph/withOutputs';
import { ActivationObserver } from '../../quant/activations/ActivationObserver';
import { RuntimeModel, valueOf } from '../runtime/RuntimeModel';
import { formatShape } from '../../core/report/format';
import { UserError } from '../../base/UserError';
import type { Sample } from '../data/Sample';
import type { SampleList } from '../data/calibrationSamples';
import { ObservationCache } from './ObservationCache';
import type { OpenModel } from '../models/OpenModels';
import type { Pause } from '../../base/pauses';

/** Observations are saved so often, so that a process that is ended loses no more. */
const SAVE_MS = 5000;

/** The samples that activations are observed on. */
export interface ObservedSamples {
  readonly samples: SampleList;
  /** Places in their list. */
  readonly sampleIndices: readonly number[];
  /** A folder where observations are cached; null for none. */
  readonly cache: string | null;
}

/**
 * Runs the model on samples, one at a time, and observes activations, which are not stored. What an earlier run on the same observed is
 * taken over, however far it came.
 * @param tensors names of float activations in the main graph
 * @param pause called while files are read for their content; may throw to stop
 * @param step called before each sample with how many are done; may throw to stop
 * @throws UserError if the model does not run on a sample
 */
export async function observeActivations(
  model: OpenModel,
  tensors: readonly string[],
  { samples, sampleIndices, cache: folder }: ObservedSamples,
  pause: Pause,
  step: (done: number) => Promise<void>,
): Promise<Map<string, ActivationObserver>> {
  if (tensors.length === 0) return new Map();
  const bytes = withOutputs(model.graph, model.files, tensors);
  const cache = await ObservationCache.open(folder, { model: bytes, tensors, samples, sampleIndices }, pause);
  const cached = cache.read();
  const observers = cached?.observers ?? new Map(tensors.map((name) => [name, new ActivationObserver()]));
  let done = cached?.samples ?? 0;
  if (done === sampleIndices.length) return observers;
  const saved = { samples: done, time: performance.now() };
  const save = () => {
    if (done === saved.samples) return;
    cache.write({ samples: done, observers });
    Object.assign(saved, { samples: done, time: performance.now() });
  };
  const runtime = await RuntimeModel.load(bytes);
  try {
    for (const sample of samples.read(sampleIndices.slice(done))) {
      await step(done);
      const values = await runOn(runtime, sample, done + 1);
      // All before any is added: observers that are saved have seen the same samples.
      const seen = [...observers].map(([name, observer]) => {
        const input = sample.get(name);
        return [observer, input ? valueOf(input) : values.get(name)!] as const;
      });
      for (const [observer, { data }] of seen) observer.add(data as ArrayLike<number>);
      done++;
      if (performance.now() - saved.time > SAVE_MS) save();
    }
  } finally {
    save();
    await runtime.release();
  }
  return observers;
}

async function runOn(runtime: RuntimeModel, sample: Sample, number: number) {
  try {
    return await runtime.run(sample);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const shapes = [...sample].map(([name, { dims }]) => `${name} ${formatShape(dims)}`).join(', ');
    throw new UserError(`On calibration sample ${number} (${shapes}), ${error.message}`);
  }
}
