/** Runs source and export in onnxruntime on the same inputs and measures the model output error. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../base/rpc';
import type { Verification } from '../../core/report/report';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { randomSamples, type SampleList } from '../data/calibrationSamples';
import { OutputComparison } from './OutputComparison';
import { findShapes, inputsOf, type WantedShapes } from '../data/workingShapes';
import type { Sample } from '../data/Sample';

const SAMPLES = 8;
const SEED = 1;
/** Timed runs of each model: until there are enough, or they took long enough. */
const TIMED_RUNS = 15;
const TIMED_MS = 1000;

export interface VerifyOptions extends WantedShapes {
  readonly source: string;
  readonly output: string;
  /** Real samples to compare on; random numbers if there are none. */
  readonly samples?: SampleList | null;
  /** Run the output without integer kernels, so that only what its codes stand for counts, not how this CPU multiplies them. */
  readonly exact?: boolean;
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
  return withModels(options, async (source, output, step) => {
    if (source.tensorOutputs.length === 0) return null;
    const { feeds, shapes, outputs, otherOutputs, accuracy, samples } = await compare(
      source,
      output,
      options,
      step,
    );
    const sourceMs = await medianTime(source, feeds, () => step(0.8));
    const outputMs = await medianTime(output, feeds, () => step(0.9));
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
  return withModels(options, (source, output, step) => compare(source, output, options, step));
}

async function withModels<T>(
  { source, output, exact = false, signal, progress }: VerifyOptions,
  use: (source: RuntimeModel, output: RuntimeModel, step: Step) => Promise<T>,
): Promise<T> {
  const models: RuntimeModel[] = [];
  const step: Step = async (fraction) => {
    progress(fraction);
    await nextTurn();
    if (signal.aborted) throw new CancelledError();
  };
  try {
    await step(0);
    models.push(await RuntimeModel.load(source));
    await step(0.1);
    models.push(await RuntimeModel.load(output, { integerKernels: !exact }));
    return await use(models[0]!, models[1]!, step);
  } finally {
    for (const model of models) await model.release();
  }
}

async function compare(
  source: RuntimeModel,
  output: RuntimeModel,
  options: VerifyOptions,
  step: Step,
): Promise<Compared> {
  const { count, read, labels } =
    options.samples ?? (await syntheticSamples(source, options, () => step(0.2)));
  const comparison = new OutputComparison();
  let done = 0;
  let feeds: Sample = new Map();
  for (const sample of read()) {
    await step(0.3 + (0.5 * done) / count);
    const label = labels?.[done] ?? null;
    comparison.add(await source.runTensors(sample), await output.runTensors(sample), label);
    done++;
    feeds = sample;
  }
  const shapes = Object.fromEntries([...feeds].map(([name, { dims }]) => [name, dims]));
  return {
    shapes,
    outputs: comparison.outputs(),
    otherOutputs: source.otherOutputs,
    accuracy: comparison.accuracy(),
    unchanged: comparison.unchanged(),
    feeds,
    samples: done,
  };
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
