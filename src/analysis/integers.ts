/** Makes the layers of a model compute in integers: observes their activations, fits scales, and puts quantizers around them. */
import type { EncodedTensor } from '../quant/EncodedTensor';
import { insertQuantizers } from '../onnx/integer/insertQuantizers';
import { simplifyClips } from '../onnx/integer/simplifyClips';
import { sweep } from '../onnx/integer/sweep';
import { toQOperators } from '../onnx/integer/toQOperators';
import { planActivations, type ActivationPlan } from '../onnx/integer/planActivations';
import { tensorBytes } from '../onnx/tensor';
import { fitActivation } from '../quant/activations/fitActivation';
import type { AffineQuantizer } from '../quant/Quantizer';
import { FLOAT_ACTIVATIONS, parseActivations, parseRange, type ActivationRange } from '../shared/activations';
import type { ExportRequest } from '../shared/engineApi';
import type { IntegerFormat, Recipe } from '../shared/recipe';
import type { IntegerReport } from '../shared/report';
import { UserError } from '../shared/UserError';
import { calibrationSamples, type SampleList } from './calibrationSamples';
import { observeActivations } from './observeActivations';
import type { OpenModel } from './OpenModels';
import { workingShapes, type VerifyOptions } from './verify';

/** What was found out before the model is rewritten. */
export interface Integers {
  readonly plan: ActivationPlan;
  readonly scales: ReadonlyMap<string, AffineQuantizer>;
  /** Samples that were not observed; null if there are none. */
  readonly heldOut: SampleList | null;
  readonly report: Omit<IntegerReport, 'integerKernels' | 'slower'>;
}

/**
 * Whether a recipe's activations can be quantized at all.
 * @throws UserError if the model may not be run, or there is nothing to observe activations on
 */
export function checkIntegers({ recipe, verify: mayRun }: Pick<ExportRequest, 'recipe' | 'verify'>): void {
  if (recipe.activations === null) return;
  if (!mayRun)
    throw new UserError('Activations are quantized by running the model, which is not allowed here.');
  if (recipe.calibration === null)
    throw new UserError(
      'Activations are quantized for data: name a folder as "calibration" in the recipe, or say "synthetic" for random numbers.',
    );
}

/** What is to compute in integers, of the layers whose quantized weights allow it. */
export function planIntegers(
  model: OpenModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
  { layerActivations }: Recipe,
): ActivationPlan {
  const integer = [...replacements].filter(([, tensor]) => weightScales(tensor)).map(([name]) => name);
  const float = Object.keys(layerActivations).filter((name) => layerActivations[name] === FLOAT_ACTIVATIONS);
  return planActivations(model, new Set(integer), new Set(float));
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
  { recipe, path }: Pick<ExportRequest, 'recipe' | 'path'>,
  options: Omit<VerifyOptions, 'output'>,
  step: (fraction: number) => Promise<void>,
): Promise<Integers> {
  const spec = parseActivations(recipe.activations)!;
  const plan = planIntegers(model, replacements, recipe);
  const shapes = recipe.calibration === 'synthetic' ? await workingShapes(options) : {};
  const samples = calibrationSamples(recipe.calibration!, path, options.inputs, shapes);
  const { observed, kind, heldOut } = samples;
  const observers = await observeActivations(model, plan.tensors, observed.read(), (done) =>
    step(done / observed.count),
  );
  const silent = [...observers].find(([, observer]) => observer.count === 0);
  if (silent)
    throw new UserError(`The activation "${silent[0]}" has no finite value on any calibration sample.`);
  const ranges = rangesOf(plan, recipe);
  const scales = new Map(
    [...observers].map(([name, observer]) => [
      name,
      fitActivation({ ...spec, range: ranges.get(name) ?? spec.range }, observer),
    ]),
  );
  return {
    plan,
    scales,
    heldOut,
    report: {
      activations: recipe.activations!,
      calibration: kind,
      samples: observed.count,
      layers: [...new Set(plan.nodes.map(({ layer }) => layer))],
      nodes: plan.nodes.length,
      left: [...plan.left].map(([layer, reason]) => ({ layer, reason })),
    },
  };
}

/** Ranges that the recipe chooses for what some layers read, by activation; where it chooses several, the first layer's. */
function rangesOf(
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

/** Puts the quantizers into a model whose weights are rewritten already, in place. */
export function insertIntegers(
  model: OpenModel,
  { plan, scales }: Pick<Integers, 'plan' | 'scales'>,
  replacements: ReadonlyMap<string, EncodedTensor>,
  format: IntegerFormat,
): void {
  const biases = plan.nodes.flatMap(({ bias }) => (bias ? [bias] : []));
  insertQuantizers(model, plan, {
    activations: scales,
    weights: new Map(plan.nodes.map(({ layer }) => [layer, weightScales(replacements.get(layer)!)!])),
    biases: new Map(
      biases.map((bias) => [bias, new Float32Array(tensorBytes(bias, model.files).slice().buffer)]),
    ),
  });
  simplifyClips(model, plan, model.files);
  if (format === 'QOperator') toQOperators(model, plan, model.files);
  sweep(model);
}

/** The scales of weights that are 8-bit integers around zero, one for the tensor or a channel; null for others. */
function weightScales(tensor: EncodedTensor): Float32Array | null {
  if (tensor.kind !== 'scalars' || tensor.bits !== 8 || tensor.numbers.kind !== 'integer') return null;
  const { scales, numbers } = tensor;
  const plain = scales?.block === null && scales.values instanceof Float32Array && !numbers.zeroPoints;
  return plain ? (scales.values as Float32Array) : null;
}
