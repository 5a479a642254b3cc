import { withOutputs } from '../../onnx/subgraph/withOutputs';
import { embedAll } from '../../onnx/write/serializeModel';
import { ActivationObserver } from '../../quant/activations/ActivationObserver';
import { RuntimeModel, valueOf } from '../runtime/RuntimeModel';
import { formatShape } from '../../core/report/format';
import { UserError } from '../../base/UserError';
import type { Sample } from '../data/Sample';
import type { SampleList } from '../data/calibrationSamples';
import { ObservationCache } from '../data/ObservationCache';
import type { OpenModel } from '../models/OpenModels';
import type { Pause } from '../../base/pauses';

/** What is observed is saved so often, so that a process that is ended loses no more. */
const SAVE_MS = 5000;

/** What activations are observed on. */
export interface ObservedSamples {
  readonly samples: SampleList;
  /** Places in their list. */
  readonly places: readonly number[];
  /** A folder where what is observed is kept for the next time; null for none. */
  readonly cache: string | null;
}

/**
 * Runs the model on samples, one at a time, and observes activations; none of them is kept. What an earlier run on the same observed is
 * taken over, however far it came.
 * @param tensors names of float activations in the main graph
 * @param pause called while files are read for their content; may throw to stop
 * @param step called before each sample with how many are done; may throw to stop
 * @throws UserError if the model does not run on a sample
 */
export async function observeActivations(
  model: OpenModel,
  tensors: readonly string[],
  { samples, places, cache: folder }: ObservedSamples,
  pause: Pause,
  step: (done: number) => Promise<void>,
): Promise<Map<string, ActivationObserver>> {
  embedAll(model, model.files);
  const bytes = withOutputs(model, tensors);
  const cache = await ObservationCache.open(folder, { model: bytes, tensors, samples, places }, pause);
  const known = cache.read();
  const observers = known?.observers ?? new Map(tensors.map((name) => [name, new ActivationObserver()]));
  let done = known?.samples ?? 0;
  if (done === places.length) return observers;
  const saved = { samples: done, time: performance.now() };
  const save = () => {
    if (done === saved.samples) return;
    cache.write({ samples: done, observers });
    Object.assign(saved, { samples: done, time: performance.now() });
  };
  const runtime = await RuntimeModel.load(bytes);
  try {
    for (const sample of samples.read(places.slice(done))) {
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
