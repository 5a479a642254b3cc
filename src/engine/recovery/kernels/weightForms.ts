import { toNumber } from '../../../core/measure/Decibels';
import type { ActivationPlan } from '../../../onnx/qdq/planActivations';
import { productOrderOf } from '../../../onnx/qdq/productOrderOf';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { EncodedScalars, EncodedTensor } from '../../../quant/EncodedTensor';
import { codesSqnrDb } from '../../../quant/integer/codesSqnrDb';
import { integersOf } from '../../../quant/integer/integerNumbers';
import { overflowingPairs } from '../../../quant/integer/pairSums';
import type { ProductOrder } from '../../../quant/integer/productOrder';
import { withoutOverflow } from '../../../quant/integer/withoutOverflow';
import { withSign } from '../../../quant/integer/withSign';
import { weightOf, type OpenModel } from '../../formats/OpenModel';
import { openWeight } from '../../weights/openWeight';
import { floatValues } from '../../weights/quantizedValues';
import type { WeightKernel } from '../../weights/WeightKernel';

/** The forms in which integer kernels take a weight around zero beside unsigned activations. */
export interface WeightForms {
  readonly layer: string;
  /** Codes around zero. */
  readonly signed: EncodedScalars;
  /** Neighbouring products that may overflow with signed codes on CPUs that add them in 16 bits. */
  readonly pairs: number;
  /** Other signed codes, with which none can; null if none overflow anyway. */
  readonly safe: EncodedScalars | null;
  /** Weight error that these cost, dB. */
  readonly lostDb: number;
}

/** The integer layers that have a choice of forms: their weights are around zero, and what they read is unsigned. */
export function formChoices(
  { nodes, scaledAs }: ActivationPlan,
  scales: ReadonlyMap<string, AffineQuantizer>,
  replacements: ReadonlyMap<string, EncodedTensor>,
): Map<string, EncodedScalars> {
  const choices = new Map<string, EncodedScalars>();
  for (const { layer, input } of nodes) {
    const tensor = replacements.get(layer)!;
    if (tensor.kind !== 'scalars' || scales.get(scaledAs.get(input) ?? input)!.qmin < 0) continue;
    const signed = withSign(tensor, true);
    if (integersOf(signed).zeroPoints === null) choices.set(layer, signed);
  }
  return choices;
}

/** @throws UserError if the weight cannot be read */
export function weightForms(
  weightKernel: WeightKernel,
  model: OpenModel,
  { nodes }: ActivationPlan,
  layer: string,
  signed: EncodedScalars,
): WeightForms {
  const found = model.layers.get(layer)!;
  const orders = nodes.flatMap((node) => (node.layer === layer ? (productOrderOf(node, found) ?? []) : []));
  const [order] = orders;
  const pairs = order ? overflowingPairs(signed, order) : 0;
  const passes = pairs > 0 ? openWeight(weightKernel, weightOf(model, layer)) : null;
  if (!order || passes === null || 'problem' in passes)
    return { layer, signed, pairs, safe: null, lostDb: 0 };
  const weights = floatValues(weightKernel, passes);
  const safe = withoutOverflow(signed, order, weights);
  return { layer, signed, pairs, safe, lostDb: lostDb(weights, signed, safe, order) };
}

function lostDb(
  weights: Float32Array,
  before: EncodedScalars,
  after: EncodedScalars,
  { layout }: ProductOrder,
): number {
  return toNumber(codesSqnrDb(weights, before, layout)) - toNumber(codesSqnrDb(weights, after, layout));
}
