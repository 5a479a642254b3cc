/** Which layers to leave in float, by what was measured at the model's outputs. */
import { FLOAT_ACTIVATIONS } from './activations';
import { gainDb } from './format';
import type { ModelOutputError } from './measures';
import { schemeOf, withLayerActivations, withScheme, type Recipe } from './recipe';
import { FLOAT } from './scheme';
import { ACTIVATIONS, LEFT_IN_FLOAT, type ModelOutputErrors } from './sensitivity';

/** What of a layer the recipe quantizes. */
export type Part = 'weights' | 'input';

/** What a layer's part, quantized alone, does to the model's outputs. */
export interface Culprit {
  readonly layer: string;
  readonly part: Part;
  readonly sqnrDb: number;
}

/** What can be left in float. */
export interface FloatChoice {
  readonly layer: string;
  readonly parts: readonly Part[];
  /** SQNR of the model with this layer in float and all others as the recipe says; undefined if that was not measured. */
  readonly leftDb: number | null | undefined;
  /** What its parts do alone. */
  readonly culprits: readonly Culprit[];
  readonly proposed: boolean;
}

/** How many are proposed, and what leaving one in float must gain for that. */
const MOST_PROPOSED = 5;
const LEAST_GAIN_DB = 1;
/** Where the gain is not known: how far below the middle one a part must be, and that it must leave the outputs less than this. */
const BELOW_MEDIAN_DB = 12;
const PLENTY_DB = 30;

/**
 * Whole layers, those first that gain most when they are left in float; then parts of layers whose gain is not known, those first that
 * spoil most when they are quantized alone.
 * @param whole the model as the recipe makes it; null if that was not measured
 */
export function floatChoices(
  recipe: Recipe,
  known: readonly ModelOutputErrors[],
  whole: ModelOutputError | null,
): FloatChoice[] {
  const measured = whole ? known.filter(({ errors }) => errors[LEFT_IN_FLOAT]) : [];
  const others = known.filter((errors) => !measured.includes(errors));
  return [...(whole ? wholeLayers(recipe, measured, whole) : []), ...parts(recipe, others, whole === null)];
}

/** The recipe with these left in float. */
export function leaveInFloat(recipe: Recipe, choices: readonly FloatChoice[]): Recipe {
  const layersOf = (part: Part) =>
    choices.filter(({ parts }) => parts.includes(part)).map(({ layer }) => layer);
  const withWeights = withScheme(recipe, layersOf('weights'), FLOAT);
  return withLayerActivations(withWeights, layersOf('input'), FLOAT_ACTIVATIONS);
}

function wholeLayers(
  recipe: Recipe,
  known: readonly ModelOutputErrors[],
  whole: ModelOutputError,
): FloatChoice[] {
  const parts: Part[] = recipe.activations === null ? ['weights'] : ['weights', 'input'];
  return known
    .map((errors) => {
      const { sqnrDb } = errors.errors[LEFT_IN_FLOAT]!;
      return { errors, leftDb: sqnrDb, gain: gainDb(sqnrDb, whole.sqnrDb) };
    })
    .sort((a, b) => (a.gain === b.gain ? 0 : b.gain - a.gain))
    .map(({ errors, leftDb, gain }, place) => ({
      layer: errors.layer,
      parts,
      leftDb,
      culprits: culpritsOf(recipe, errors),
      proposed: gain >= LEAST_GAIN_DB && place < MOST_PROPOSED,
    }));
}

function parts(recipe: Recipe, known: readonly ModelOutputErrors[], propose: boolean): FloatChoice[] {
  const found = known.flatMap((errors) => culpritsOf(recipe, errors)).sort((a, b) => a.sqnrDb - b.sqnrDb);
  const most = Math.min(PLENTY_DB, (found[found.length >> 1]?.sqnrDb ?? 0) - BELOW_MEDIAN_DB);
  return found.map((culprit, place) => ({
    layer: culprit.layer,
    parts: [culprit.part],
    leftDb: undefined,
    culprits: [culprit],
    proposed: propose && culprit.sqnrDb < most && place < MOST_PROPOSED,
  }));
}

function culpritsOf(recipe: Recipe, { layer, errors }: ModelOutputErrors): Culprit[] {
  const found: Culprit[] = [];
  const scheme = schemeOf(recipe, layer);
  const weights = scheme === FLOAT ? null : errors[scheme]?.sqnrDb;
  if (weights != null) found.push({ layer, part: 'weights', sqnrDb: weights });
  const isFloat =
    Object.hasOwn(recipe.layerActivations, layer) && recipe.layerActivations[layer] === FLOAT_ACTIVATIONS;
  const input = isFloat ? null : errors[ACTIVATIONS]?.sqnrDb;
  if (input != null) found.push({ layer, part: 'input', sqnrDb: input });
  return found;
}
