import type { Pause } from '../../../base/pauses';
import type { ActivationSpec } from '../../../core/scheme/activations';
import { ACTIVATION_RANGES, parseRange } from '../../../core/scheme/activations';
import { planReaders, type ReadersPlan } from '../../../onnx/subgraph/planReaders';
import { withOutputs } from '../../../onnx/subgraph/withOutputs';
import type { ActivationPlan } from '../../../onnx/qdq/planActivations';
import type { ActivationObserver } from '../../../quant/activations/ActivationObserver';
import { fitActivation } from '../../../quant/activations/fitActivation';
import { refineQuantizer, type Costed } from '../../../quant/activations/refineQuantizer';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { SampleList } from '../../data/calibrationSamples';
import { evenlySpaced } from '../../data/evenlySpaced';
import type { OpenModel } from '../../models/OpenModels';
import { RuntimeModel } from '../../runtime/RuntimeModel';
import { withReaderErrors, type ReaderValues } from './readerErrors';

/** Samples that readers run on: a range has two numbers. */
const MAX_SAMPLES = 4;
/** Values of an activation together that its readers run on; a further sample says little more. */
const MAX_VALUES = 2 ** 20;
/** Bytes that are held at a time for the readers of several activations. */
const MAX_HELD = 2 ** 28;
/** Values beside an activation's own that its readers take and give, in its sizes. */
const HELD_BESIDE = 3;

/** What was found for one activation. */
export interface ChosenRange {
  /** As the recipe has it. */
  readonly given: Costed;
  /** The one of the usual ranges that changes the results of the readers least, and its name. */
  readonly best: Costed & { readonly range: string };
  /** From there, scale and zero point refined. */
  readonly refined: Costed;
}

export interface RangeSearch {
  /** Float, as it was observed. */
  readonly model: OpenModel;
  readonly plan: ActivationPlan;
  readonly spec: ActivationSpec;
  /** The recipe's own. */
  readonly scales: ReadonlyMap<string, AffineQuantizer>;
  /** Of the samples that ranges may follow from. */
  readonly observers: ReadonlyMap<string, ActivationObserver>;
  readonly samples: SampleList;
}

/**
 * Finds the range of each activation that changes the results of its readers least: of the usual ones, then around the best of these.
 * @param tensors some of the plan's
 * @param step called before each activation with how many are done; may throw to stop
 * @throws UserError if the model does not run
 */
export async function chooseRanges(
  search: RangeSearch,
  tensors: readonly string[],
  step: (done: number) => Promise<void>,
): Promise<Map<string, ChosenRange>> {
  const { model, plan } = search;
  const together = [...plan.nodes, ...plan.chain];
  const made = new Set(together.map(({ output }) => output));
  const planned = new Set(together.map(({ node }) => node));
  const plans = tensors.map((tensor) =>
    planReaders(model.graph, tensor, (node) => made.has(tensor) || planned.has(node)),
  );
  const chosen = new Map<string, ChosenRange>();
  for (const group of groupsOf(plans, search)) {
    const values = await valuesOf(search, group, () => step(chosen.size));
    for (const readers of group) {
      await step(chosen.size);
      if (readers.cut.some((name) => !values[0]!.has(name))) continue;
      chosen.set(readers.tensor, await chooseRange(search, readers, values));
    }
  }
  return chosen;
}

async function chooseRange(
  { model, spec, scales, observers }: RangeSearch,
  readers: ReadersPlan,
  all: readonly ReaderValues[],
): Promise<ChosenRange> {
  const { tensor } = readers;
  const observer = observers.get(tensor)!;
  const perSample = Math.max(1, observer.count / observer.samples);
  const samples = all.slice(0, Math.max(1, Math.floor(MAX_VALUES / perSample)));
  return withReaderErrors(model, readers, spec.symmetric, samples, async (cost) => {
    const given = { quantizer: scales.get(tensor)!, cost: await cost(scales.get(tensor)!) };
    let best = { ...given, range: 'given' };
    for (const range of ACTIVATION_RANGES) {
      const quantizer = fitActivation({ ...spec, range: parseRange(range)! }, observer);
      const found = { quantizer, cost: await cost(quantizer), range };
      if (found.cost < best.cost) best = found;
    }
    return { given, best, refined: await refineQuantizer(best, cost) };
  });
}

/** Activations in groups whose values are held together. */
function groupsOf(plans: readonly ReadersPlan[], { observers }: RangeSearch): ReadersPlan[][] {
  const groups: ReadersPlan[][] = [];
  let held = Infinity;
  for (const plan of plans) {
    const { count, samples } = observers.get(plan.tensor)!;
    const bytes = (count / samples) * (1 + HELD_BESIDE) * Float32Array.BYTES_PER_ELEMENT * MAX_SAMPLES;
    if (held + bytes > MAX_HELD) {
      groups.push([]);
      held = 0;
    }
    groups.at(-1)!.push(plan);
    held += bytes;
  }
  return groups;
}

/** Values of the float model that the readers of some activations take and give, sample by sample. */
async function valuesOf(
  { model, samples }: RangeSearch,
  plans: readonly ReadersPlan[],
  pause: Pause,
): Promise<ReaderValues[]> {
  const names = new Set(plans.flatMap(({ tensor, cut, outputs }) => [tensor, ...cut, ...outputs]));
  const runtime = await RuntimeModel.load(withOutputs(model.graph, model.files, names));
  try {
    const found: ReaderValues[] = [];
    for (const sample of samples.read(evenlySpaced(Math.min(MAX_SAMPLES, samples.count), samples.count))) {
      await pause();
      const values = [...sample, ...(await runtime.runTensors(sample))];
      found.push(new Map(values.filter(([name]) => names.has(name))));
    }
    return found;
  } finally {
    await runtime.release();
  }
}
