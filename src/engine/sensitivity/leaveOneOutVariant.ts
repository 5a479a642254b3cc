import { rewriteModel } from '../../onnx/write/rewriteModel';
import { serializeModel } from '../../onnx/write/serializeModel';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { FLOAT_ACTIVATIONS } from '../../core/scheme/activations';
import { withLayerActivations, type Recipe } from '../../core/recipe/recipe';
import { insertIntegers, planIntegers } from '../export/integers';
import type { OpenModel } from '../models/OpenModels';

/** A model with what a recipe quantizes it to: all that its variants have in common. */
export interface VariantBase {
  /** The model as it was prepared, its weights float, all in one file. */
  readonly path: string;
  readonly recipe: Recipe;
  /** Quantized weights by layer. */
  readonly replacements: ReadonlyMap<string, EncodedTensor>;
  /** How each activation is quantized; null if weights alone are. */
  readonly scales: ReadonlyMap<string, AffineQuantizer> | null;
  /** Whether results of matrix products stay float. */
  readonly floatResults: boolean;
}

/**
 * The model that an export writes if the recipe leaves one layer in float: its weights and what it reads. What costs time was done
 * before: preparing, quantizing and observing are the same for all variants.
 * @param model the base's, as it was prepared
 * @param layer null for none: the recipe as it is
 * @returns the file's content
 */
export function leaveOneOutVariant(
  model: OpenModel,
  { recipe, replacements, scales, floatResults }: VariantBase,
  layer: string | null,
): Uint8Array {
  const quantized = new Map([...replacements].filter(([name]) => name !== layer));
  const floatInput = layer === null ? recipe : withLayerActivations(recipe, [layer], FLOAT_ACTIVATIONS);
  const plan = scales && planIntegers(model, quantized, floatInput, floatResults);
  const integer = new Set(plan?.nodes.map((node) => node.layer));
  const products = recipe.products === 'fastest' ? 'codes' : recipe.products;
  const rewritten = rewriteModel(model, quantized, { integer, products });
  const variant = plan
    ? insertIntegers(rewritten, model.files, { plan, scales }, quantized, recipe.format)
    : rewritten;
  return serializeModel(variant, model.files, '').model;
}
