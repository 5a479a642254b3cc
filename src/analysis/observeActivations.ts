import type { Tensor } from 'onnxruntime-node';
import { embedAll } from '../onnx/serializeModel';
import { ActivationObserver } from '../quant/activations/ActivationObserver';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { formatShape } from '../shared/format';
import { UserError } from '../shared/UserError';
import type { OpenModel } from './OpenModels';
import { withOutputs } from '../onnx/partial/withOutputs';

/** One sample: a value for each input of the model. */
export type Sample = ReadonlyMap<string, Tensor>;

/**
 * Runs the model on samples, one at a time, and observes activations; none of them is kept.
 * @param tensors names of float32 activations in the main graph
 * @param step called before each sample with how many are done; may throw to stop
 * @throws UserError if the model does not run on a sample
 */
export async function observeActivations(
  model: OpenModel,
  tensors: readonly string[],
  samples: Iterable<Sample> | AsyncIterable<Sample>,
  step: (done: number) => Promise<void>,
): Promise<Map<string, ActivationObserver>> {
  embedAll(model, model.files);
  const runtime = await RuntimeModel.load(withOutputs(model, tensors));
  const observers = new Map(tensors.map((name) => [name, new ActivationObserver()]));
  try {
    let done = 0;
    for await (const sample of samples) {
      await step(done++);
      const given = new Map([...sample].map(([name, tensor]) => [name, tensor.data as ArrayLike<number>]));
      const values = await runOn(runtime, sample, done);
      for (const [name, observer] of observers)
        observer.add(given.get(name) ?? (values.get(name)!.data as ArrayLike<number>));
    }
  } finally {
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
