import { l10n, window, type QuickPickItem } from 'vscode';
import { FLOAT_ACTIVATIONS } from '../shared/activations';
import { formatDb, formatGain, gainDb } from '../shared/format';
import type { ModelOutputError } from '../shared/measures';
import { schemeOf, withLayerActivations, withScheme, type Recipe } from '../shared/recipe';
import { FLOAT } from '../shared/scheme';
import { ACTIVATIONS, LEFT_IN_FLOAT, type ModelOutputErrors, type OutputErrors } from '../shared/sensitivity';
import type { QuantDocument } from './QuantDocument';

/** What of a layer the recipe quantizes. */
type Part = 'weights' | 'input';

/** What a layer's part alone does to the model's outputs. */
interface Culprit {
  readonly layer: string;
  readonly part: Part;
  readonly sqnrDb: number;
}

/** What can be left in float. */
interface Choice {
  readonly layer: string;
  readonly parts: readonly Part[];
  readonly description: string;
  readonly proposed: boolean;
}

/** How many are proposed; what leaving one in float must gain for that, or how far below the middle one it must be. */
const MOST_PROPOSED = 5;
const LEAST_GAIN_DB = 1;
const BELOW_MEDIAN_DB = 12;

/**
 * Shows what spoils the model's outputs most, the worst chosen already, and leaves in float what the user says; one edit.
 * @param whole the model as the recipe makes it, where that was measured
 */
export async function askFloatLayers(
  document: QuantDocument,
  known: readonly OutputErrors[],
  whole: ModelOutputError | null,
): Promise<void> {
  const { recipe } = document;
  const measured = known.filter((errors) => errors.level === 'model');
  const choices = [...(whole ? gains(recipe, measured, whole) : []), ...culprits(recipe, measured, whole)];
  if (choices.length === 0) {
    void window.showInformationMessage(
      l10n.t('Nothing that the recipe quantizes changes the outputs of the model, as far as was measured.'),
    );
    return;
  }
  const items = choices.map((choice) => ({
    choice,
    label: choice.layer,
    description: choice.description,
    picked: choice.proposed,
  })) satisfies (QuickPickItem & { choice: Choice })[];
  const chosen = await window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: l10n.t('Leave in Float'),
    placeHolder: whole
      ? l10n.t('Gain over the {0} of the recipe; the most first', formatDb(whole.sqnrDb))
      : l10n.t('Model output error of each, quantized alone; the worst first'),
  });
  if (!chosen || chosen.length === 0) return;
  const layersOf = (part: Part) =>
    chosen.filter(({ choice }) => choice.parts.includes(part)).map(({ label }) => label);
  const withWeights = withScheme(recipe, layersOf('weights'), FLOAT);
  document.edit(
    chosen.length === 1
      ? l10n.t('Float: {0}', chosen[0]!.label)
      : l10n.t('Float: {0} choices', chosen.length),
    withLayerActivations(withWeights, layersOf('input'), FLOAT_ACTIVATIONS),
  );
}

/** Whole layers, those first that gain most when they are left in float. */
function gains(recipe: Recipe, known: readonly ModelOutputErrors[], whole: ModelOutputError): Choice[] {
  const parts: Part[] = recipe.activations === null ? ['weights'] : ['weights', 'input'];
  return known
    .flatMap((errors) => {
      const left = errors.errors[LEFT_IN_FLOAT];
      return left ? [{ errors, sqnrDb: left.sqnrDb, gain: gainDb(left.sqnrDb, whole.sqnrDb) }] : [];
    })
    .sort((a, b) => (a.gain === b.gain ? 0 : b.gain - a.gain))
    .map(({ errors, sqnrDb, gain }, place) => ({
      layer: errors.layer,
      parts,
      description: [
        l10n.t('{0} when left in float', formatGain(sqnrDb, whole.sqnrDb)),
        ...culpritsOf(recipe, errors).map((culprit) => describe(recipe, culprit)),
      ].join('; '),
      proposed: gain >= LEAST_GAIN_DB && place < MOST_PROPOSED,
    }));
}

/** Parts of layers whose gain is not known, those first that spoil most when they are quantized alone. */
function culprits(
  recipe: Recipe,
  known: readonly ModelOutputErrors[],
  whole: ModelOutputError | null,
): Choice[] {
  const found = known
    .filter(({ errors }) => !whole || !errors[LEFT_IN_FLOAT])
    .flatMap((errors) => culpritsOf(recipe, errors))
    .sort((a, b) => a.sqnrDb - b.sqnrDb);
  const median = found[found.length >> 1]?.sqnrDb ?? 0;
  return found.map((culprit, place) => ({
    layer: culprit.layer,
    parts: [culprit.part],
    description: describe(recipe, culprit),
    proposed: !whole && culprit.sqnrDb < median - BELOW_MEDIAN_DB && place < MOST_PROPOSED,
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

function describe(recipe: Recipe, { layer, part, sqnrDb }: Culprit): string {
  const what = part === 'input' ? l10n.t('input') : l10n.t('weights, {0}', schemeOf(recipe, layer));
  return `${what}: ${formatDb(sqnrDb)}`;
}
