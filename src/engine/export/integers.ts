/** Makes the layers of a model compute in integers: observes their activations, fits scales, and puts quantizers around them. */
import { quoted } from '../../base/quoted';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import { insertQuantizers } from '../../onnx/qdq/insertQuantizers';
import { simplifyClips } from '../../onnx/qdq/simplifyClips';
import { removeDeadNodes } from '../../onnx/qdq/removeDeadNodes';
import { toQOperators } from '../../onnx/qdq/toQOperators';
import { planActivations, type ActivationPlan } from '../../onnx/qdq/planActivations';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { channelBias } from '../../onnx/read/channelBias';
import type { ActivationObserver } from '../../quant/activations/ActivationObserver';
import { fitActivation } from '../../quant/activations/fitActivation';
import { integersOf } from '../../quant/integer/integerNumbers';
import { scalesForBias } from '../../quant/integer/scalesForBias';
import { withSign } from '../../quant/integer/withSign';
import type { AffineQuantizer } from '../../quant/Quantizer';
import {
  FLOAT_ACTIVATIONS,
  parseActivations,
  parseRange,
  type ActivationRange,
} from '../../core/scheme/activations';
import type { ExportRequest } from '../../protocol/engineApi';
import type { IntegerFormat, Recipe } from '../../core/recipe/recipe';
import type { IntegerReport } from '../../core/report/report';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type SampleList } from '../data/calibrationSamples';
import { observeActivations } from '../activations/observeActivations';
import type { OpenModel } from '../models/OpenModels';
import { pauses } from '../../base/pauses';
import type { VerifyOptions } from '../compare/verify';
import { workingShapes } from '../data/workingShapes';
import type { RepairSamples } from '../recovery/repairSamples';

export type Observers = ReadonlyMap<string, ActivationObserver>;

/** The plan for integers, made before the model is rewritten. */
export interface Integers {
  readonly plan: ActivationPlan;
  readonly scales: ReadonlyMap<string, AffineQuantizer>;
  /** Quantized weights by layer, with room for their biases. */
  readonly weights: ReadonlyMap<string, EncodedTensor>;
  /** What was observed of each activation on the samples that repairs follow from; null where nothing is repaired. */
  readonly fitted: Observers | null;
  /** Samples that were not observed; null if there are none. */
  readonly heldOut: SampleList | null;
  readonly report: Omit<IntegerReport, 'integerKernels' | 'exactOutputs'>;
}

/** @throws UserError if activations are to be quantized and there is nothing to observe them on */
export function checkIntegers({ recipe }: Pick<ExportRequest, 'recipe'>): void {
  if (recipe.activations !== null && recipe.calibration === null)
    throw new UserError(
      'Activations are quantized for data: name a folder as "calibration" in the recipe, or say "synthetic" for random numbers.',
    );
}

/** The nodes that are to compute in integers, and the quantized layers that cannot, each with a reason. */
export function planIntegers(
  model: OpenModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
  { layerActivations }: Recipe,
  floatResults = false,
): ActivationPlan {
  const obstacles = new Map<string, string>();
  for (const [name, tensor] of replacements) {
    const obstacle = weightObstacle(tensor);
    if (obstacle !== null) obstacles.set(name, obstacle);
  }
  const integer = [...replacements.keys()].filter((name) => !obstacles.has(name));
  const float = Object.keys(layerActivations).filter((name) => layerActivations[name] === FLOAT_ACTIVATIONS);
  const uneven = integer.filter((name) => hasUnevenZeroPoints(replacements.get(name)!));
  const plan = planActivations(model, new Set(integer), new Set(float), new Set(uneven), floatResults);
  return { ...plan, left: new Map([...plan.left, ...obstacles]) };
}

/**
 * Observes the activations of all layers that can compute in integers.
 * @param model float, prepared; it stays as it is
 * @param replacements quantized weights by layer
 * @throws UserError if data is missing or does not fit
 * @throws CancelledError
 */
export async function observeIntegers(
  model: OpenModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
  { recipe, path, cache }: Pick<ExportRequest, 'recipe' | 'path' | 'cache'>,
  options: Omit<VerifyOptions, 'output'>,
  repair: RepairSamples | null,
  step: (fraction: number) => Promise<void>,
): Promise<Integers> {
  const spec = parseActivations(recipe.activations)!;
  const plan = planIntegers(model, replacements, recipe);
  const shapes = recipe.calibration === 'synthetic' ? await workingShapes(options) : {};
  const samples = calibrationSamples(recipe.calibration!, path, options.inputs, shapes);
  const { all, observed, kind, heldOut } = samples;
  let before = 0;
  const observe = async (list: SampleList): Promise<Observers> => {
    const sampleIndices = Array.from({ length: list.count }, (_, i) => i);
    const pause = pauses(options.signal, () => options.progress(0));
    const seen = await observeActivations(
      model,
      plan.tensors,
      { samples: list, sampleIndices, cache },
      pause,
      (done) => step((before + done) / observed.count),
    );
    before += list.count;
    return seen;
  };
  const fitted = repair && (await observe(repair.fitted));
  const rest = await observe(repair ? repair.judged : observed);
  const observers = fitted ? merged(fitted, rest) : rest;
  const silent = [...observers].find(([, observer]) => observer.count === 0);
  if (silent)
    throw new UserError(`The activation ${quoted(silent[0])} has no finite value on any calibration sample.`);
  const ranges = chosenRanges(plan, recipe);
  const scales = new Map(
    [...observers].map(([name, observer]) => [
      name,
      fitActivation({ ...spec, range: ranges.get(name) ?? spec.range }, observer),
    ]),
  );
  return {
    plan,
    scales,
    weights: integerWeights(model, plan, scales, replacements),
    fitted,
    heldOut,
    report: {
      activations: recipe.activations!,
      calibration: kind,
      samples: observed.count,
      heldOut: all.count - observed.count,
      layers: [...new Set(plan.nodes.map(({ layer }) => layer))],
      nodes: plan.nodes.length,
      left: [...plan.left].map(([layer, reason]) => ({ layer, reason })),
    },
  };
}

function merged(some: Observers, others: Observers): Observers {
  return new Map([...some].map(([name, observer]) => [name, observer.mergedWith(others.get(name)!)]));
}

/** Ranges that the recipe chooses for what some layers read, by activation; where it chooses several, the first layer's. */
export function chosenRanges(
  { nodes, scaledAs }: ActivationPlan,
  { layerActivations }: Recipe,
): Map<string, ActivationRange> {
  const ranges = new Map<string, ActivationRange>();
  for (const { layer, input } of nodes) {
    const name = scaledAs.get(input) ?? input;
    const range = Object.hasOwn(layerActivations, layer) && parseRange(layerActivations[layer]);
    if (range && !ranges.has(name)) ranges.set(name, range);
  }
  return ranges;
}

/**
 * Weights as integer kernels take them: signed beside signed activations, and with scales that leave room for the biases that are added
 * to their products.
 */
export function integerWeights(
  model: OpenModel,
  { nodes, scaledAs }: ActivationPlan,
  scales: ReadonlyMap<string, AffineQuantizer>,
  replacements: ReadonlyMap<string, EncodedTensor>,
): Map<string, EncodedTensor> {
  const weights = new Map(replacements);
  for (const { layer, input, bias } of nodes) {
    const given = weights.get(layer)!;
    if (given.kind !== 'scalars') continue;
    const { qmin, scales: inputScales } = scales.get(scaledAs.get(input) ?? input)!;
    const tensor = qmin < 0 ? withSign(given, true) : given;
    weights.set(layer, tensor);
    if (!bias) continue;
    const { layout } = model.layers.get(layer)!;
    const biases = channelBias(bias, layout.channels, model.files);
    weights.set(layer, scalesForBias(tensor, layout, biases, inputScales[0]!));
  }
  return weights;
}

/** Puts the quantizers into a graph whose weights are rewritten already. */
export function insertIntegers(
  graph: Graph,
  files: ExternalFiles,
  { plan, scales }: Pick<Integers, 'plan' | 'scales'>,
  replacements: ReadonlyMap<string, EncodedTensor>,
  format: IntegerFormat,
): Graph {
  const biases = plan.nodes.flatMap((node) =>
    node.bias ? [[node, channelBias(node.bias, node.channels, files)] as const] : [],
  );
  const quantized = insertQuantizers(graph, plan, {
    activations: scales,
    weights: new Map(plan.nodes.map(({ layer }) => [layer, weightScales(replacements.get(layer)!)])),
    biases: new Map(biases),
  });
  const clipped = simplifyClips(quantized.graph, quantized.plan, files);
  return removeDeadNodes(format === 'QOperator' ? toQOperators(clipped, quantized.plan, files) : clipped);
}

/** The scales of a weight that integer kernels take: one for the tensor or for each channel. */
function weightScales(tensor: EncodedTensor): Float32Array {
  if (tensor.kind !== 'scalars') throw new Error('Integer kernels take no such weight.');
  return tensor.scales!.values as Float32Array;
}

/** Why integer kernels do not take a weight, as the end of a sentence; null if they do. */
function weightObstacle(tensor: EncodedTensor): string | null {
  const { bits, numbers, scales } =
    tensor.kind === 'scalars' ? tensor : { ...tensor, numbers: null, scales: null };
  if (bits !== 8 || numbers?.kind !== 'integer')
    return 'its weight is not stored as 8-bit integers, as int8 and uint8 are';
  return scales?.block === null && scales.values instanceof Float32Array
    ? null
    : 'its weight has a scale for each block; integer kernels take one for the tensor or for each channel';
}

function hasUnevenZeroPoints(tensor: EncodedTensor): boolean {
  const zeroPoints = tensor.kind === 'scalars' ? integersOf(tensor).zeroPoints : null;
  return zeroPoints?.some((zero) => zero !== zeroPoints[0]) ?? false;
}
