/** The user's choices for one model, as saved beside it in a file of its name and `RECIPE_SUFFIX`. */
import { quoted } from '../../base/quoted';
import type { ActivationChoice, ActivationScheme } from '../scheme/activations';
import type { SchemeId } from '../scheme/scheme';
import type { Calibration } from './calibration';
import type { CpuChoice } from './cpu';
import type { RecipeProblem } from './findProblems';
import { EVERY_REPAIR, parseRepair, type RepairChoice, type RepairPass } from './repair';
import type { WrittenRecipe } from './recipeSchema';

export const RECIPE_SUFFIX = '.quant.json';
export const OVERLAY_SUFFIX = '.quant.safetensors';

export interface Recipe {
  /** The scheme of every layer that `layers` does not name. */
  readonly default: SchemeId;
  /** Layer name to scheme. */
  readonly layers: Readonly<Record<string, SchemeId>>;
  /** Shapes of the inputs that the export is verified on, where the model leaves dimensions free. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /**
   * Whether the export may raise the model's opset to where ONNX has a type of its own for a scheme's codes (4-bit
   * integers, FP8) or scales per block; else, and where raising changes what the model computes, other operators do the
   * same.
   */
  readonly opset: OpsetChoice;
  /**
   * How activations are quantized where a layer's weights are 8-bit integers, so that it computes in integers; null for
   * weights only.
   */
  readonly activations: ActivationScheme | null;
  /** Layers whose input has another range, or stays float all the same: layer name to range, or `float`. */
  readonly layerActivations: Readonly<Record<string, ActivationChoice>>;
  /** The data that activations are observed on; null if none was chosen. */
  readonly calibration: Calibration | null;
  /** The passes that make up for what quantization broke. */
  readonly repair: RepairChoice;
  /** Layers that other passes repair than the rest: layer name to passes. */
  readonly layerRepair: Readonly<Record<string, RepairChoice>>;
  /** SHA-256, in hexadecimal, of the file beside the model that holds what was repaired, its `OVERLAY_SUFFIX` file; null for none. */
  readonly overlay: string | null;
  /**
   * How layers that compute in integers are written: float operators between quantizers, which runtimes fuse, or ONNX's
   * operators on integers.
   */
  readonly format: IntegerFormat;
  /** The CPU whose integer kernels the repair `kernels` writes for. */
  readonly cpu: CpuChoice;
  /** How products by quantized weights are computed where activations are float. */
  readonly products: ProductChoice;
}

export type OpsetChoice = NonNullable<WrittenRecipe['opset']>;
export type ProductChoice = NonNullable<WrittenRecipe['products']>;
export type IntegerFormat = NonNullable<WrittenRecipe['format']>;

export const EMPTY_RECIPE: Recipe = {
  default: 'int8',
  layers: {},
  shapes: {},
  opset: 'raise',
  activations: null,
  layerActivations: {},
  calibration: null,
  repair: EVERY_REPAIR,
  layerRepair: {},
  overlay: null,
  format: 'QDQ',
  cpu: 'here',
  products: 'fastest',
};

/** The scheme that `recipe` gives to a layer. */
export function schemeOf(recipe: Recipe, layer: string): SchemeId {
  return Object.hasOwn(recipe.layers, layer) ? recipe.layers[layer]! : recipe.default;
}

/** Whether `recipe` wants a pass to repair a layer. */
export function isRepaired({ repair, layerRepair }: Recipe, pass: RepairPass, layer: string): boolean {
  const choice = Object.hasOwn(layerRepair, layer) ? layerRepair[layer]! : repair;
  return parseRepair(choice)?.has(pass) ?? false;
}

/** Gives `layers` a scheme of their own, or with null lets them follow the default again. */
export function withScheme(recipe: Recipe, layers: readonly string[], scheme: SchemeId | null): Recipe {
  return { ...recipe, layers: withChoice(recipe.layers, layers, scheme) };
}

/** Gives the inputs of `layers` a range of their own or leaves them float, or with null quantizes them as all others. */
export function withLayerActivations(
  recipe: Recipe,
  layers: readonly string[],
  choice: ActivationChoice | null,
): Recipe {
  return { ...recipe, layerActivations: withChoice(recipe.layerActivations, layers, choice) };
}

/** Has `layers` repaired by other passes, or with null by those of all others. */
export function withLayerRepair(
  recipe: Recipe,
  layers: readonly string[],
  choice: RepairChoice | null,
): Recipe {
  return { ...recipe, layerRepair: withChoice(recipe.layerRepair, layers, choice) };
}

/** Leaves `layers` as all others are. */
export function withoutLayers(recipe: Recipe, layers: readonly string[]): Recipe {
  return withLayerRepair(withLayerActivations(withScheme(recipe, layers, null), layers, null), layers, null);
}

function withChoice(
  before: Readonly<Record<string, string>>,
  layers: readonly string[],
  choice: string | null,
): Record<string, string> {
  const chosen = new Map(Object.entries(before));
  for (const layer of layers) {
    if (choice === null) chosen.delete(layer);
    else chosen.set(layer, choice);
  }
  // fromEntries defines own properties, so that a layer named "__proto__" is just a name.
  return Object.fromEntries(chosen);
}

/** Layers that `recipe` names and the model does not have. */
export function unknownLayers(recipe: Recipe, layers: readonly { readonly name: string }[]): RecipeProblem[] {
  const names = new Set(layers.map((layer) => layer.name));
  const named = [
    ...Object.keys(recipe.layers).map((name) => ({ path: ['layers', name], name })),
    ...Object.keys(recipe.layerActivations).map((name) => ({ path: ['layerActivations', name], name })),
    ...Object.keys(recipe.layerRepair).map((name) => ({ path: ['layerRepair', name], name })),
  ];
  return named
    .filter(({ name }) => !names.has(name))
    .map(({ path, name }) => ({ path, message: `The model has no layer ${quoted(name)}.` }));
}
