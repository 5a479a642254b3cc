import type { NodeProto } from 'onnx-buf';
import type { Pause } from '../../../base/pauses';
import type { ActivationSpec } from '../../../core/scheme/activations';
import { ACTIVATION_RANGES, parseRange } from '../../../core/scheme/activations';
import { planReaders, type ReadersPlan } from '../../../onnx/subgraph/planReaders';
import { withOutputs } from '../../../onnx/subgraph/withOutputs';
import type { ActivationPlan } from '../../../onnx/qdq/planActivations';
import type { ActivationObserver } from '../../../quant/activations/ActivationObserver';
import { fitActivation } from '../../../quant/activations/fitActivation';
import { refineQuantizer, type Costed, type QuantizerCost } from '../../../quant/activations/refineQuantizer';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { SampleList } from '../../data/calibrationSamples';
import { evenlySpaced } from '../../data/evenlySpaced';
import type { OpenModel } from '../../models/OpenModels';
import { RuntimeModel } from '../../runtime/RuntimeModel';
import { withReaderErrors, type ReaderValues } from './readerErrors';

/** Samples that parts of the model run on: a range has two numbers. */
const MAX_SAMPLES = 4;
/** Values of an activation together that its readers run on; a further sample says little more. */
const MAX_VALUES = 2 ** 20;
/** Bytes that are held at a time for some activations; there are fewer samples where that is not enough. */
const MAX_HELD = 2 ** 28;
/** Activations whose parts are held together. */
const GROUP = 16;
/** An activation whose error at the model's outputs is below this share of its part in the whole is not looked into. */
const MINOR = 0.5;
/** A search among the model's outputs takes an error for equal that is so many times as large. */
const EQUAL = 1.02;

/** A quantizer of an activation, and the error of its readers' results: noise over signal. */
export interface ChosenRange extends Costed {
  /** Name of the usual range that it is, or that it was refined from; `given` is the recipe's. */
  readonly range: string;
  readonly refined: boolean;
}

/** What was found for one activation. */
export interface ChosenRanges {
  /** As the recipe has it. */
  readonly given: ChosenRange;
  /** The one that changes the results of the readers least. */
  readonly readers: ChosenRange;
  /** The one of these and all usual ones that changes the model's outputs least, on its own. */
  readonly outputs: ChosenRange;
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
  /** Values that the model's error is measured in. */
  readonly ends: ReadonlySet<string>;
  /** Noise over signal of the model with the recipe's ranges. */
  readonly whole: number;
}

/** An activation's readers, and all that is behind it. */
interface Parts {
  readonly readers: ReadersPlan;
  readonly behind: ReadersPlan;
}

/**
 * Finds the range of each activation that changes the results of its readers least, of the usual ones and around the best of these. As it may cut off
 * what matters far behind, it is then tried at the model's outputs; where that shows more error than with the recipe's, or the recipe's has a large part
 * in the whole, all ranges are.
 * @param tensors some of the plan's
 * @param step called before each activation with how many are done; may throw to stop
 * @throws UserError if the model does not run
 */
export async function chooseRanges(
  search: RangeSearch,
  tensors: readonly string[],
  step: (done: number) => Promise<void>,
): Promise<Map<string, ChosenRanges>> {
  const { model, plan, ends } = search;
  const together = [...plan.nodes, ...plan.chain];
  const made = new Set(together.map(({ output }) => output));
  const planned = new Set(together.map(({ node }) => node));
  const parts = tensors.map((tensor): Parts => {
    const reads = (node: NodeProto) => made.has(tensor) || planned.has(node);
    return {
      readers: planReaders(model.graph, tensor, reads),
      behind: planReaders(model.graph, tensor, reads, ends),
    };
  });
  const minor = (MINOR * search.whole) / tensors.length;
  const chosen = new Map<string, ChosenRanges>();
  for (let first = 0; first < parts.length; first += GROUP) {
    const group = parts.slice(first, first + GROUP);
    const values = await valuesOf(search, group, () => step(chosen.size));
    for (const each of group) {
      await step(chosen.size);
      if ([...each.readers.cut, ...each.behind.cut].some((name) => !values[0]!.has(name))) continue;
      chosen.set(each.readers.tensor, await chooseRange(search, each, values, minor));
    }
  }
  return chosen;
}

async function chooseRange(
  search: RangeSearch,
  { readers: plan, behind }: Parts,
  all: readonly ReaderValues[],
  minor: number,
): Promise<ChosenRanges> {
  const { model, spec } = search;
  const { count, samples } = search.observers.get(plan.tensor)!;
  const some = all.slice(0, Math.max(1, Math.floor((MAX_VALUES * samples) / count)));
  const found = await withReaderErrors(model, plan, spec.symmetric, some, (cost) =>
    rangesByReaders(search, plan.tensor, cost),
  );
  const { given, usual, readers } = found;
  const outputs = await withReaderErrors(model, behind, spec.symmetric, all, async (cost) => {
    const before = await cost(given.quantizer);
    const candidate = await cost(readers.quantizer);
    let [best, least] = candidate <= before * EQUAL ? [readers, candidate] : [given, before];
    if (best === readers && before < minor) return best;
    for (const each of usual) {
      const error = await cost(each.quantizer);
      if (error * EQUAL < least) [best, least] = [each, error];
    }
    return best;
  });
  return { given, readers, outputs };
}

async function rangesByReaders(
  { spec, scales, observers }: RangeSearch,
  tensor: string,
  cost: QuantizerCost,
) {
  const observer = observers.get(tensor)!;
  const costed = async (range: string, quantizer: AffineQuantizer): Promise<ChosenRange> => ({
    ...{ range, quantizer, refined: false },
    cost: await cost(quantizer),
  });
  const given = await costed('given', scales.get(tensor)!);
  const usual: ChosenRange[] = [];
  for (const range of ACTIVATION_RANGES)
    usual.push(await costed(range, fitActivation({ ...spec, range: parseRange(range)! }, observer)));
  const best = usual.reduce((a, b) => (b.cost < a.cost ? b : a), given);
  const refined = await refineQuantizer(best, cost);
  return { given, usual, readers: refined.cost < best.cost ? { ...best, ...refined, refined: true } : best };
}

/** Values of the float model that parts of it take and give, sample by sample. */
async function valuesOf(
  { model, samples }: RangeSearch,
  parts: readonly Parts[],
  pause: Pause,
): Promise<ReaderValues[]> {
  const plans = parts.flatMap(({ readers, behind }) => [readers, behind]);
  const names = new Set(plans.flatMap(({ tensor, cut, outputs }) => [tensor, ...cut, ...outputs]));
  const runtime = await RuntimeModel.load(withOutputs(model.graph, model.files, names));
  try {
    const found: ReaderValues[] = [];
    let held = 0;
    for (const sample of samples.read(evenlySpaced(Math.min(MAX_SAMPLES, samples.count), samples.count))) {
      await pause();
      const all = [...sample, ...(await runtime.runTensors(sample))];
      const values = all.filter(([name]) => names.has(name));
      held += values.reduce((sum, [, { data }]) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 0), 0);
      if (held > MAX_HELD && found.length > 0) break;
      found.push(new Map(values));
    }
    return found;
  } finally {
    await runtime.release();
  }
}
