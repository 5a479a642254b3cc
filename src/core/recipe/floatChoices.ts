/** Which layers to leave in float, by what was measured at the model's outputs. */
import { FLOAT_ACTIVATIONS } from '../scheme/activations';
import { compareDb, gainDb, type Decibels } from '../measure/Decibels';
import type { ModelOutputError } from '../measure/errors';
import { schemeOf, withLayerActivations, withScheme, type Recipe } from './recipe';
import { FLOAT } from '../scheme/scheme';
import { ACTIVATIONS, LEAVE_ONE_OUT, type ModelMeasurement } from '../measure/Measurement';

/** The parts of a layer that the recipe quantizes. */
export type Part = 'weights' | 'input';

/** The error of the model's outputs when a part of a layer is quantized alone. */
export interface DominantContributor {
  readonly layer: string;
  readonly part: Part;
  /** Not exact or equal, which contributes nothing. */
  readonly sqnrDb: Decibels;
}

/** A layer that can be left in float. */
export interface FloatChoice {
  readonly layer: string;
  readonly parts: readonly Part[];
  /** SQNR of the model with this layer in float and all others as the recipe says; undefined if that was not measured. */
  readonly leftDb: Decibels | undefined;
  /** The errors of its parts, each quantized alone. */
  readonly dominantContributors: readonly DominantContributor[];
  readonly proposed: boolean;
}

/** How many are proposed for what leaving them in float gains, and how much that must be. */
const MAX_GAINING = 5;
const MIN_GAIN_DB = 1;
/** How many are proposed for what they spoil alone, and the share of all noise that each must make, and that may be left. */
const MAX_SPOILING = 8;
const MIN_SHARE = 0.02;
const LEFT_SHARE = 0.1;
/** Where all parts together leave the outputs more than this, nothing is to blame. */
const PLENTY_DB = 30;
/** Of outputs that are NaN or infinite: more than any that is measured, and finite. */
const BROKEN_NOISE = 1e100;

/**
 * Whole layers, those first that gain most when they are left in float; then parts of layers whose gain is not known, those first that
 * spoil most when they are quantized alone.
 * @param whole the model as the recipe makes it; null if that was not measured
 */
export function floatChoices(
  recipe: Recipe,
  measurements: readonly ModelMeasurement[],
  whole: ModelOutputError | null,
): FloatChoice[] {
  const measured = whole ? measurements.filter(({ errors }) => errors[LEAVE_ONE_OUT]) : [];
  const dominantContributors = measurements.flatMap((errors) => contributorsOf(recipe, errors));
  const spoiling = mainContributors(dominantContributors);
  const layers = new Set(measured.map(({ layer }) => layer));
  const others = dominantContributors.filter(({ layer }) => !layers.has(layer));
  return [...(whole ? wholeLayers(recipe, measured, whole, spoiling) : []), ...parts(others, spoiling)];
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
  measurements: readonly ModelMeasurement[],
  whole: ModelOutputError,
  spoiling: readonly DominantContributor[],
): FloatChoice[] {
  const parts: Part[] = recipe.activations === null ? ['weights'] : ['weights', 'input'];
  return measurements
    .map((errors) => {
      const { sqnrDb } = errors.errors[LEAVE_ONE_OUT]!;
      return { errors, leftDb: sqnrDb, gain: gainDb(sqnrDb, whole.sqnrDb) };
    })
    .sort((a, b) => (a.gain === b.gain ? 0 : b.gain - a.gain))
    .map(({ errors, leftDb, gain }, rank) => ({
      layer: errors.layer,
      parts,
      leftDb,
      dominantContributors: contributorsOf(recipe, errors),
      // Where several spoil the outputs, leaving one in float gains little, and still each is to blame.
      proposed:
        (gain >= MIN_GAIN_DB && rank < MAX_GAINING) || spoiling.some(({ layer }) => layer === errors.layer),
    }));
}

function parts(
  dominantContributors: readonly DominantContributor[],
  spoiling: readonly DominantContributor[],
): FloatChoice[] {
  return dominantContributors
    .toSorted((a, b) => compareDb(a.sqnrDb, b.sqnrDb))
    .map((contributor) => ({
      layer: contributor.layer,
      parts: [contributor.part],
      leftDb: undefined,
      dominantContributors: [contributor],
      proposed: spoiling.includes(contributor),
    }));
}

/** The few parts that make nearly all of the noise, if there are such: as errors of parts hardly depend on each other, their noise adds up. */
function mainContributors(dominantContributors: readonly DominantContributor[]): DominantContributor[] {
  const noise = ({ sqnrDb }: DominantContributor) =>
    typeof sqnrDb === 'number' ? 10 ** (-sqnrDb / 10) : BROKEN_NOISE;
  const total = dominantContributors.reduce((sum, contributor) => sum + noise(contributor), 0);
  if (total < 10 ** (-PLENTY_DB / 10)) return [];
  const worst: DominantContributor[] = [];
  let left = total;
  for (const contributor of dominantContributors.toSorted((a, b) => compareDb(a.sqnrDb, b.sqnrDb))) {
    const enough = left <= LEFT_SHARE * total || worst.length === MAX_SPOILING;
    if (enough || noise(contributor) < MIN_SHARE * total) break;
    worst.push(contributor);
    left -= noise(contributor);
  }
  return worst;
}

function contributorsOf(recipe: Recipe, { layer, errors }: ModelMeasurement): DominantContributor[] {
  const found: DominantContributor[] = [];
  const scheme = schemeOf(recipe, layer);
  const weights = scheme === FLOAT ? undefined : errors[scheme]?.sqnrDb;
  if (contributes(weights)) found.push({ layer, part: 'weights', sqnrDb: weights });
  const isFloat =
    Object.hasOwn(recipe.layerActivations, layer) && recipe.layerActivations[layer] === FLOAT_ACTIVATIONS;
  const input = isFloat ? undefined : errors[ACTIVATIONS]?.sqnrDb;
  if (contributes(input)) found.push({ layer, part: 'input', sqnrDb: input });
  return found;
}

function contributes(db: Decibels | undefined): db is Decibels {
  return typeof db === 'number' || db === 'broken';
}
