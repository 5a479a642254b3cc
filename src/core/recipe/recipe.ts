/** The user's choices for one model, as saved beside it in `model.onnx.quant.json`. */
import {
  FLOAT_ACTIVATIONS,
  parseActivations,
  parseRange,
  type ActivationChoice,
  type ActivationScheme,
} from '../scheme/activations';
import { readCalibration, type Calibration } from './calibration';
import { canonicalScheme, type SchemeId } from '../scheme/scheme';
import { notAScheme } from '../scheme/schemeLists';

export const RECIPE_VERSION = 1;
export const RECIPE_SUFFIX = '.quant.json';

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
  /**
   * How layers that compute in integers are written: float operators between quantizers, which runtimes fuse, or ONNX's
   * operators on integers.
   */
  readonly format: IntegerFormat;
}

export type OpsetChoice = 'keep' | 'raise';
export type IntegerFormat = 'QDQ' | 'QOperator';

/** A fault in a recipe: where (keys from the root) and what. */
export interface RecipeProblem {
  readonly path: readonly string[];
  readonly message: string;
}

export const EMPTY_RECIPE: Recipe = {
  default: 'int8',
  layers: {},
  shapes: {},
  opset: 'raise',
  activations: null,
  layerActivations: {},
  calibration: null,
  format: 'QDQ',
};

const FIELDS = [
  ...['$schema', 'version', 'default', 'layers', 'shapes', 'opset'],
  ...['activations', 'layerActivations', 'calibration', 'format'],
];

/** The scheme that `recipe` gives to a layer. */
export function schemeOf(recipe: Recipe, layer: string): SchemeId {
  return Object.hasOwn(recipe.layers, layer) ? recipe.layers[layer]! : recipe.default;
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

function withChoice(
  known: Readonly<Record<string, string>>,
  layers: readonly string[],
  choice: string | null,
): Record<string, string> {
  const chosen = new Map(Object.entries(known));
  for (const layer of layers) {
    if (choice === null) chosen.delete(layer);
    else chosen.set(layer, choice);
  }
  // fromEntries defines own properties, so that a layer named "__proto__" is just a name.
  return Object.fromEntries(chosen);
}

/** The recipe as text: stable order, one layer a line, so that it diffs well. */
export function formatRecipe(recipe: Recipe): string {
  const { default: scheme, shapes, opset, activations, layerActivations, calibration } = recipe;
  // Short arrays stay on one line: a shape is one thing.
  const shapeLines = Object.entries(shapes).map(
    ([name, shape]) => `    ${JSON.stringify(name)}: ${JSON.stringify(shape).replaceAll(',', ', ')}`,
  );
  const entryLines = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, id]) => `    ${JSON.stringify(name)}: ${JSON.stringify(id)}`);
  const block = (lines: string[]) => (lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`);
  const fields = [
    `  "version": ${RECIPE_VERSION}`,
    `  "default": ${JSON.stringify(scheme)}`,
    `  "layers": ${block(entryLines(recipe.layers))}`,
  ];
  if (opset !== EMPTY_RECIPE.opset) fields.push(`  "opset": ${JSON.stringify(opset)}`);
  if (recipe.format !== EMPTY_RECIPE.format) fields.push(`  "format": ${JSON.stringify(recipe.format)}`);
  if (activations !== null) fields.push(`  "activations": ${JSON.stringify(activations)}`);
  if (Object.keys(layerActivations).length > 0)
    fields.push(`  "layerActivations": ${block(entryLines(layerActivations))}`);
  if (calibration !== null) {
    // Absent options are left out.
    const text = JSON.stringify(calibration, (_, value: unknown) => value ?? undefined, 2);
    fields.push(`  "calibration": ${text.replaceAll('\n', '\n  ')}`);
  }
  if (shapeLines.length > 0) fields.push(`  "shapes": ${block(shapeLines)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** Checks a parsed JSON value. `recipe` holds what could be understood; it is complete if there are no problems. */
export function readRecipe(value: unknown): { recipe: Recipe; problems: RecipeProblem[] } {
  const problems: RecipeProblem[] = [];
  const report = (path: string[], message: string) => problems.push({ path, message });
  if (!isRecord(value)) {
    report([], 'A recipe is a JSON object.');
    return { recipe: EMPTY_RECIPE, problems };
  }
  for (const key of Object.keys(value)) {
    if (!FIELDS.includes(key)) report([key], `A recipe has no field "${key}".`);
  }
  if (value['version'] !== RECIPE_VERSION)
    report(
      ['version'],
      `This recipe has version ${JSON.stringify(value['version'])}; version 1 is understood.`,
    );

  let scheme = canonicalScheme(value['default']);
  if (scheme === null) report(['default'], unknownScheme(value['default']));
  scheme ??= EMPTY_RECIPE.default;

  const layers = readEntries(value['layers'] ?? {}, 'layers', report, (entry, path) => {
    const chosen = canonicalScheme(entry);
    if (chosen === null) report(path, unknownScheme(entry));
    return chosen ?? undefined;
  });
  const shapes = readEntries(value['shapes'] ?? {}, 'shapes', report, (entry, path) => {
    if (isShape(entry)) return entry;
    report(path, 'A shape is a list of whole numbers above zero.');
    return undefined;
  });
  const opset = value['opset'] ?? EMPTY_RECIPE.opset;
  if (opset !== 'keep' && opset !== 'raise') report(['opset'], '"opset" is "keep" or "raise".');
  const format = value['format'] ?? EMPTY_RECIPE.format;
  if (!isFormat(format)) report(['format'], '"format" is "QDQ" or "QOperator".');
  const activations = value['activations'] ?? null;
  if (activations !== null && !parseActivations(activations))
    report(['activations'], 'Activations are "uint8" or "int8", as in "uint8/mse" or "int8/p99.9".');
  const layerActivations = readEntries(
    value['layerActivations'] ?? {},
    'layerActivations',
    report,
    (entry, path) => {
      if (entry === FLOAT_ACTIVATIONS || parseRange(entry)) return entry as ActivationChoice;
      report(path, 'What a layer reads is "float", or has a range such as "mse" or "p99.9".');
      return undefined;
    },
  );
  return {
    recipe: {
      default: scheme,
      layers,
      shapes,
      activations: parseActivations(activations) ? (activations as ActivationScheme) : null,
      layerActivations,
      calibration: readCalibration(value['calibration'], report),
      opset: opset === 'keep' || opset === 'raise' ? opset : EMPTY_RECIPE.opset,
      format: isFormat(format) ? format : EMPTY_RECIPE.format,
    },
    problems,
  };
}

/** Layers that `recipe` names and the model does not have. */
export function unknownLayers(recipe: Recipe, layers: readonly { readonly name: string }[]): RecipeProblem[] {
  const known = new Set(layers.map((layer) => layer.name));
  const named = [
    ...Object.keys(recipe.layers).map((name) => ({ path: ['layers', name], name })),
    ...Object.keys(recipe.layerActivations).map((name) => ({ path: ['layerActivations', name], name })),
  ];
  return named
    .filter(({ name }) => !known.has(name))
    .map(({ path, name }) => ({ path, message: `The model has no layer "${name}".` }));
}

function readEntries<T>(
  value: unknown,
  key: string,
  report: (path: string[], message: string) => void,
  readEntry: (entry: unknown, path: string[]) => T | undefined,
): Record<string, T> {
  if (!isRecord(value)) {
    report([key], `"${key}" is a JSON object.`);
    return {};
  }
  const entries: [string, T][] = [];
  for (const [name, entry] of Object.entries(value)) {
    const read = readEntry(entry, [key, name]);
    if (read !== undefined) entries.push([name, read]);
  }
  return Object.fromEntries(entries);
}

function unknownScheme(value: unknown): string {
  if (value === undefined) return 'The default scheme is missing.';
  return typeof value === 'string' ? notAScheme(value) : `A scheme is a text, not ${JSON.stringify(value)}.`;
}

function isFormat(value: unknown): value is IntegerFormat {
  return value === 'QDQ' || value === 'QOperator';
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size > 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
