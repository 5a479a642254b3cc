/** Runs source and export in onnxruntime on the same inputs and measures the model output error. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Tensor } from 'onnxruntime-node';
import { CancelledError } from '../../base/rpc';
import type { Verification } from '../../core/report/report';
import type { RuntimeModel } from '../runtime/RuntimeModel';
import { randomSamples, type SampleList } from '../data/calibrationSamples';
import { ModelPair, type PairOptions } from './ModelPair';
import { OutputComparison } from './OutputComparison';
import { findShapes, inputsOf, type WantedShapes } from '../data/workingShapes';
import type { Sample } from '../data/Sample';

const SAMPLES = 8;
const SEED = 1;
/** Timed runs of each model: until there are enough, or they took long enough. */
const TIMED_RUNS = 15;
const TIMED_MS = 1000;

/** Samples and outputs of the source that are held at a time, in bytes, where the models are loaded in turns. */
const MAX_HELD = 2 ** 28;

export interface VerifyOptions extends WantedShapes, PairOptions {
  /** Real samples to compare on; random numbers if there are none. */
  readonly samples?: SampleList | null;
  readonly signal: AbortSignal;
  /** 0 to 1; also a sign of life, as a run blocks the process. */
  readonly progress: (fraction: number) => void;
}

/** The outputs of two models on the same inputs, compared. */
export interface Compared extends Pick<
  Verification,
  'samples' | 'shapes' | 'outputs' | 'otherOutputs' | 'accuracy'
> {
  /** One sample. */
  readonly feeds: Sample;
  /** Names of outputs that are the source's to the last bit, NaNs and infinities among them. */
  readonly unchanged: ReadonlySet<string>;
}

/** A comparison with one of its samples. */
export interface Verified {
  readonly verification: Verification;
  readonly feeds: Sample;
}

/** Lets cancellation and progress through, as onnxruntime blocks the process while it works. */
type Step = (fraction: number) => Promise<void>;

/**
 * Compares outputs and running times.
 * @returns null if none of the source's outputs is a tensor; both models do load then
 * @throws UserError if either model does not load or run, or no input shapes are found that the source runs with
 */
export function verify(options: VerifyOptions): Promise<Verified | null> {
  return withModels(options, async (pair, step) => {
    if ((await pair.use('source', ({ tensorOutputs }) => tensorOutputs)).length === 0) {
      await pair.use('output', () => undefined);
      return null;
    }
    const { feeds, samples, shapes, outputs, otherOutputs, accuracy } = await compare(pair, options, step);
    // The export was used last, and is loaded.
    const outputMs = await pair.use('output', (output) => medianTime(output, feeds, () => step(0.8)));
    const sourceMs = await pair.use('source', (source) => medianTime(source, feeds, () => step(0.9)));
    const inputs = options.samples ? 'data' : 'synthetic';
    const compared = { samples, shapes, outputs, otherOutputs, accuracy };
    return { verification: { inputs, ...compared, sourceMs, outputMs }, feeds };
  });
}

/**
 * Compares outputs.
 * @throws UserError as `verify`
 */
export function compareModels(options: VerifyOptions): Promise<Compared> {
  return withModels(options, (pair, step) => compare(pair, options, step));
}

async function withModels<T>(
  options: VerifyOptions,
  use: (pair: ModelPair, step: Step) => Promise<T>,
): Promise<T> {
  const pair = new ModelPair(options);
  const step: Step = async (fraction) => {
    options.progress(fraction);
    await nextTurn();
    if (options.signal.aborted) throw new CancelledError();
  };
  try {
    await step(0);
    return await use(pair, step);
  } finally {
    await pair.release();
  }
}

/** The source's outputs of a sample. */
interface Reference {
  readonly sample: Sample;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

async function compare(pair: ModelPair, options: VerifyOptions, step: Step): Promise<Compared> {
  const otherOutputs = await pair.use('source', (source) => source.otherOutputs);
  const { count, read, labels } =
    options.samples ??
    (await pair.use('source', (source) => syntheticSamples(source, options, () => step(0.2))));
  const comparison = new OutputComparison();
  let done = 0;
  let feeds: Sample = new Map();
  const run = (which: 'source' | 'output', sample: Sample) =>
    pair.use(which, (model) => model.runTensors(sample));
  const compareWith = async (references: readonly Reference[]) => {
    for (const { sample, outputs } of references) {
      await step(0.3 + (0.5 * done) / count);
      comparison.add(outputs, await run('output', sample), labels?.[done] ?? null);
      done++;
      feeds = sample;
    }
  };
  let references: Reference[] = [];
  let held = 0;
  for (const sample of read()) {
    await step(0.3 + (0.5 * done) / count);
    const outputs = await run('source', sample);
    references.push({ sample, outputs });
    held += bytesOf(sample) + bytesOf(outputs);
    if (pair.inTurns && held < MAX_HELD) continue;
    await compareWith(references);
    references = [];
    held = 0;
  }
  await compareWith(references);
  const shapes = Object.fromEntries([...feeds].map(([name, { dims }]) => [name, dims]));
  return {
    shapes,
    outputs: comparison.outputs(),
    otherOutputs,
    accuracy: comparison.accuracy(),
    unchanged: comparison.unchanged(),
    feeds,
    samples: done,
  };
}

function bytesOf(tensors: ReadonlyMap<string, Tensor>): number {
  return [...tensors.values()].reduce(
    (sum, { data }) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 0),
    0,
  );
}

/** Random numbers in the first shapes that the source runs with. */
async function syntheticSamples(
  source: RuntimeModel,
  options: VerifyOptions,
  step: () => Promise<void>,
): Promise<SampleList> {
  const shapes = await findShapes(source, options, step);
  return randomSamples(SAMPLES, SEED, inputsOf(source, options.inputs), shapes);
}

async function medianTime(model: RuntimeModel, feeds: Sample, step: () => Promise<void>): Promise<number> {
  await model.run(feeds);
  const times: number[] = [];
  const start = performance.now();
  while (times.length < TIMED_RUNS && (times.length < 3 || performance.now() - start < TIMED_MS)) {
    await step();
    const before = performance.now();
    await model.run(feeds);
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}
