import { toNumber } from '../../../core/measure/Decibels';
import type { ActivationPlan } from '../../../onnx/qdq/planActivations';
import { productOrderOf } from '../../../onnx/qdq/productOrderOf';
import type { AffineQuantizer } from '../../../quant/Quantizer';
import type { EncodedScalars, EncodedTensor } from '../../../quant/EncodedTensor';
import { codesSqnrDb } from '../../../quant/integer/codesSqnrDb';
import { integersOf } from '../../../quant/integer/integerNumbers';
import { GREATEST_CODE, inputCount, overflowingPairs } from '../../../quant/integer/pairSums';
import type { ProductOrder } from '../../../quant/integer/productOrder';
import { withoutOverflow } from '../../../quant/integer/withoutOverflow';
import { withSign } from '../../../quant/integer/withSign';
import { weightOf, type OpenModel } from '../../formats/OpenModel';
import { openWeight } from '../../weights/openWeight';
import { floatValues } from '../../weights/quantizedValues';
import type { WeightKernel } from '../../weights/WeightKernel';

/** A weight around zero beside unsigned activations, and the order in which its products are added up. */
export interface FormChoice {
  readonly signed: EncodedScalars;
  /** Null where each product is added by itself. */
  readonly order: ProductOrder | null;
}

/** A layer whose neighbouring products may overflow on CPUs that add them in 16 bits. */
export interface OverflowingLayer {
  readonly layer: string;
  /** Codes around zero. */
  readonly signed: EncodedScalars;
  readonly order: ProductOrder;
  /** Neighbouring products that may overflow, whatever the layer reads. */
  readonly pairs: number;
}

/** What its weight can be instead. */
export interface WeightForms extends OverflowingLayer {
  /** Neighbouring products that may overflow with what the layer reads on samples. */
  readonly observed: number;
  /** Signed codes of which none does: the same ones, where they are so already. */
  readonly safe: EncodedScalars;
  /** Weight error that these cost, dB. */
  readonly lostDb: number;
}

/** The integer layers that have a choice of forms: their weights are around zero, and what they read is unsigned. */
export function formChoices(
  model: OpenModel,
  { nodes, scaledAs }: ActivationPlan,
  scales: ReadonlyMap<string, AffineQuantizer>,
  replacements: ReadonlyMap<string, EncodedTensor>,
): Map<string, FormChoice> {
  const choices = new Map<string, FormChoice>();
  for (const node of nodes) {
    const { layer, input } = node;
    const tensor = replacements.get(layer)!;
    const { qmin, qmax } = scales.get(scaledAs.get(input) ?? input)!;
    if (tensor.kind !== 'scalars' || qmin !== 0 || qmax !== GREATEST_CODE) continue;
    const signed = withSign(tensor, true);
    if (integersOf(signed).zeroPoints !== null) continue;
    const order = choices.get(layer)?.order ?? productOrderOf(node, model.layers.get(layer)!);
    choices.set(layer, { signed, order });
  }
  return choices;
}

/** The layer, if any products of it may overflow; else null. */
export function overflowingLayer(layer: string, { signed, order }: FormChoice): OverflowingLayer | null {
  if (order === null) return null;
  const pairs = overflowingPairs(signed, order, new Uint8Array(inputCount(order)).fill(GREATEST_CODE));
  return pairs > 0 ? { layer, signed, order, pairs } : null;
}

/**
 * @param greatest code of each input channel on samples
 * @throws UserError if the weight cannot be read
 */
export function weightForms(
  weightKernel: WeightKernel,
  model: OpenModel,
  overflowing: OverflowingLayer,
  greatest: Uint8Array,
): WeightForms {
  const { layer, signed, order } = overflowing;
  const observed = overflowingPairs(signed, order, greatest);
  const passes = observed > 0 ? openWeight(weightKernel, weightOf(model, layer)) : null;
  if (passes === null || 'problem' in passes) return { ...overflowing, observed, safe: signed, lostDb: 0 };
  const weights = floatValues(weightKernel, passes);
  const safe = withoutOverflow(signed, order, greatest, weights);
  const db = (tensor: EncodedScalars) => toNumber(codesSqnrDb(weights, tensor, order.layout));
  return { ...overflowing, observed, safe, lostDb: db(signed) - db(safe) };
}
