/** Outputs of the float model on samples, the references that its variants are compared with. */
import type { Tensor } from 'onnxruntime-node';
import { withOutputs } from '../../onnx/subgraph/withOutputs';
import { isFound, OutputReference } from '../../quant/sensitivity/OutputReference';
import type { SampleNoise } from '../../quant/sensitivity/modelOutputError';
import { RuntimeModel, valueOf, type Value } from '../runtime/RuntimeModel';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import type { Pause } from '../../base/pauses';
import type { Sample } from '../data/Sample';

/** Bytes of values and outputs that a thread holds at a time for all samples of a chunk. */
const MAX_HELD = 2 ** 26;
/** Threads share the processor by running one variant each. */
export const RUN_THREADS = 1;

/** The float model on one sample: its outputs, and the values that variants are fed. */
export interface Reference {
  readonly values: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, OutputReference>;
  /** The sample's class; null if it has no label. */
  readonly label: number | null;
}

/**
 * Runs the float model, in chunks that fit in memory.
 * @param kept names of the values that variants are fed: inputs, or others of the main graph
 * @throws UserError if the model does not run
 */
export async function* floatReferences(
  model: OpenModel,
  kept: ReadonlySet<string>,
  samples: SampleList,
  sampleIndices: readonly number[],
  pause: Pause,
): AsyncGenerator<{ readonly chunk: readonly Reference[]; readonly last: boolean }> {
  const runtime = await RuntimeModel.load(withOutputs(model.graph, model.files, kept), {
    threads: RUN_THREADS,
  });
  try {
    let chunk: Reference[] = [];
    let held = 0;
    let done = 0;
    for (const sample of samples.read(sampleIndices)) {
      await pause();
      const label = samples.labels?.[sampleIndices[done]!] ?? null;
      const reference = { ...(await referenceOf(runtime, sample, kept, model)), label };
      chunk.push(reference);
      held += heldBytes(reference);
      const last = ++done === sampleIndices.length;
      if (!last && held < MAX_HELD) continue;
      yield { chunk, last };
      chunk = [];
      held = 0;
    }
  } finally {
    await runtime.release();
  }
}

async function referenceOf(
  runtime: RuntimeModel,
  sample: Sample,
  kept: ReadonlySet<string>,
  { graph }: OpenModel,
): Promise<Omit<Reference, 'label'>> {
  const results = await runtime.runTensors(sample);
  const values = new Map([...sample, ...results].filter(([name]) => kept.has(name)));
  const outputs = graph.model.graph.output.flatMap(({ name }) => {
    const tensor = results.get(name);
    return tensor && tensor.type !== 'string' ? [[name, new OutputReference(valueOf(tensor))] as const] : [];
  });
  return { values, outputs: new Map(outputs) };
}

/**
 * Noise of a variant's outputs on one sample. An output that the variant does not have is as it was; one that is empty, or of another size, as may be
 * where its size depends on the data, is not compared.
 */
export function noiseOf(
  { outputs: expected, label }: Reference,
  actual: ReadonlyMap<string, Value>,
): SampleNoise {
  const outputs = [...expected].map(([name, reference]) => {
    const got = actual.get(name);
    if (!got) return reference.difference(reference.data);
    const { length } = reference.data;
    return length > 0 && got.data.length === length ? reference.difference(got.data) : null;
  });
  const compared = outputs.filter((output) => output !== null);
  return { outputs, correct: label === null ? null : isFound(label, compared) };
}

function heldBytes({ values, outputs }: Reference): number {
  let bytes = 0;
  for (const { data } of values.values()) bytes += ArrayBuffer.isView(data) ? data.byteLength : 0;
  for (const { byteLength } of outputs.values()) bytes += byteLength;
  return bytes;
}
