import { create } from '@bufbuild/protobuf';
import type { Tensor } from 'onnxruntime-node';
import { ValueInfoProtoSchema } from 'onnx-buf';
import { join } from 'node:path';
import { serializeModel } from '../onnx/serializeModel';
import { ActivationObserver } from '../quant/activations/ActivationObserver';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { formatShape } from '../shared/format';
import { UserError } from '../shared/UserError';
import type { OpenModel } from './OpenModels';
import { writeFileDurably } from './writeFileDurably';

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
  folder: string,
  step: (done: number) => Promise<void>,
): Promise<Map<string, ActivationObserver>> {
  const path = join(folder, 'observed.onnx');
  await writeFileDurably(path, [withOutputs(model, tensors)]);
  const runtime = await RuntimeModel.load(path);
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

/** The serialized model with further outputs; the model itself stays as it is. */
function withOutputs(model: OpenModel, tensors: readonly string[]): Uint8Array {
  const { graph } = model.model;
  const { output } = graph;
  const known = new Set([...output, ...graph.input].map(({ name }) => name));
  const added = tensors.filter((name) => !known.has(name));
  graph.output = [...output, ...added.map((name) => create(ValueInfoProtoSchema, { name }))];
  try {
    return serializeModel(model, model.files, '').model;
  } finally {
    graph.output = output;
  }
}
