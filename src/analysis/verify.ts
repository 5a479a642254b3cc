/** Runs source and export in onnxruntime on the same inputs and measures the model output error. */
import type { Tensor } from 'onnxruntime-node';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ValueSummary } from '../shared/model';
import type { Verification } from '../shared/report';
import { formatShape } from '../shared/format';
import { CancelledError } from '../shared/rpc';
import { UserError } from '../shared/UserError';
import { isFound, OutputReference } from '../quant/sensitivity/OutputReference';
import { sqnrDb } from '../quant/weightError';
import { RuntimeModel, toTensor, type Value } from '../runtime/RuntimeModel';
import { randomSamples, type SampleList } from './calibrationSamples';
import type { Sample } from './observeActivations';
import { Random } from './random';
import { proposeShapes, syntheticFeed, type Shapes } from './syntheticInputs';

const SAMPLES = 8;
const SEED = 1;
/** Timed runs of each model: until there are enough, or they took long enough. */
const TIMED_RUNS = 15;
const TIMED_MS = 1000;

export interface VerifyOptions {
  readonly source: string;
  readonly output: string;
  readonly inputs: readonly ValueSummary[];
  readonly shapes: Shapes;
  /** Real samples to compare on; random numbers if there are none. */
  readonly samples?: SampleList | null;
  /** Run the output without integer kernels, so that only what its codes stand for counts, not how this CPU multiplies them. */
  readonly exact?: boolean;
  readonly signal: AbortSignal;
  /** 0 to 1; also a sign of life, as a run blocks the process. */
  readonly progress: (fraction: number) => void;
}

/** What the outputs of two models on the same inputs say. */
export interface Compared extends Pick<Verification, 'samples' | 'shapes' | 'outputs' | 'accuracy'> {
  /** One sample. */
  readonly feeds: Sample;
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
 * @throws UserError if either model does not load or run, or no input shapes are found that the source runs with
 */
export function verify(options: VerifyOptions): Promise<Verified> {
  return withModels(options, async (source, output, step) => {
    const { shapes, outputs, accuracy, feeds, samples } = await compare(source, output, options, step);
    const sourceMs = await medianTime(source, feeds, () => step(0.8));
    const outputMs = await medianTime(output, feeds, () => step(0.9));
    const inputs = options.samples ? 'data' : 'synthetic';
    return { verification: { inputs, samples, shapes, outputs, accuracy, sourceMs, outputMs }, feeds };
  });
}

/**
 * Compares outputs.
 * @throws UserError as `verify`
 */
export function compareModels(options: VerifyOptions): Promise<Compared> {
  return withModels(options, (source, output, step) => compare(source, output, options, step));
}

/**
 * Input shapes that the source runs with.
 * @throws UserError if none are found
 */
export async function workingShapes(options: Omit<VerifyOptions, 'output'>): Promise<Shapes> {
  const source = await RuntimeModel.load(options.source);
  try {
    return await findShapes(source, options, async () => {
      await nextTurn();
      if (options.signal.aborted) throw new CancelledError();
    });
  } finally {
    await source.release();
  }
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
  const comparison = new Comparison();
  let done = 0;
  let feeds: Sample = new Map();
  for (const sample of read()) {
    await step(0.3 + (0.5 * done) / count);
    comparison.add(await source.run(sample), await output.run(sample), labels?.[done] ?? null);
    done++;
    feeds = sample;
  }
  const shapes = Object.fromEntries([...feeds].map(([name, { dims }]) => [name, dims]));
  return { shapes, outputs: comparison.outputs(), accuracy: comparison.accuracy(), feeds, samples: done };
}

/** Random numbers in the first shapes that the source runs with. */
async function syntheticSamples(
  source: RuntimeModel,
  options: VerifyOptions,
  step: () => Promise<void>,
): Promise<SampleList> {
  const shapes = await findShapes(source, options, step);
  return randomSamples(SAMPLES, SEED, knownInputs(source, options.inputs), shapes);
}

/** The first proposal that the source runs with. */
async function findShapes(
  source: RuntimeModel,
  { inputs, shapes: fixed }: Omit<VerifyOptions, 'output'>,
  step: () => Promise<void>,
): Promise<Shapes> {
  let failure = '';
  for (const shapes of proposeShapes(inputs, fixed)) {
    await step();
    try {
      await source.run(makeFeeds(source, inputs, shapes, new Random(SEED)));
      return shapes;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // The first proposal is the most plausible one, so its failure tells most.
      failure ||= error.message;
    }
  }
  const wanted = inputs.map((input) => `${input.name} ${formatShape(input.shape)}`).join(', ');
  throw new UserError(
    `No input shapes were found that the model runs with; give them for ${wanted}. ${failure}`,
  );
}

function makeFeeds(
  model: RuntimeModel,
  inputs: readonly ValueSummary[],
  shapes: Shapes,
  random: Random,
): Map<string, Tensor> {
  return new Map(
    knownInputs(model, inputs).map((input) => [
      input.name,
      toTensor(syntheticFeed(input, shapes[input.name]!, random)),
    ]),
  );
}

/** The inputs that onnxruntime wants; it drops those that nothing reads. */
function knownInputs(model: RuntimeModel, inputs: readonly ValueSummary[]): readonly ValueSummary[] {
  const known = new Set(model.inputNames);
  return inputs.filter((input) => known.has(input.name));
}

/** Differences of every output, over all samples. */
class Comparison {
  private readonly sums = new Map<
    string,
    { signal: number; noise: number; rows: number; agreeing: number }
  >();
  private labelled = 0;
  private readonly right = { source: 0, output: 0 };

  /** @param label the sample's class; null without one */
  add(reference: ReadonlyMap<string, Value>, actual: ReadonlyMap<string, Value>, label: number | null): void {
    const winners: { source: { winner: number | null }; output: { winner: number | null } }[] = [];
    for (const [name, expected] of reference) {
      const got = actual.get(name);
      if (!got || got.data.length !== expected.data.length)
        throw new UserError(`The output "${name}" of the exported model has another size than the source's.`);
      const source = new OutputReference(expected);
      const output = source.difference(got.data);
      winners.push({ source, output });
      const sum = this.sums.get(name) ?? { signal: 0, noise: 0, rows: 0, agreeing: 0 };
      sum.signal += output.signal;
      sum.noise += output.noise;
      sum.rows += output.rows;
      sum.agreeing += output.agreeing;
      this.sums.set(name, sum);
    }
    if (label === null) return;
    this.labelled++;
    for (const model of ['source', 'output'] as const)
      if (
        isFound(
          label,
          winners.map((each) => each[model]),
        )
      )
        this.right[model]++;
  }

  outputs(): Verification['outputs'] {
    return [...this.sums].map(([name, { signal, noise, rows, agreeing }]) => ({
      name,
      sqnrDb: Number.isFinite(noise) ? sqnrDb(signal, noise) : null,
      identical: noise === 0,
      agreement: rows > 0 ? agreeing / rows : null,
    }));
  }

  accuracy(): Verification['accuracy'] {
    const { labelled, right } = this;
    return labelled === 0
      ? null
      : { source: right.source / labelled, output: right.output / labelled, labelled };
  }
}

async function medianTime(
  model: RuntimeModel,
  feeds: ReadonlyMap<string, Tensor>,
  step: () => Promise<void>,
): Promise<number> {
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
