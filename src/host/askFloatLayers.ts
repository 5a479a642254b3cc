import { l10n, window, type QuickPickItem } from 'vscode';
import { FLOAT_ACTIVATIONS } from '../shared/activations';
import { formatDb } from '../shared/format';
import { schemeOf, withLayerActivations, withScheme, type Recipe } from '../shared/recipe';
import { FLOAT } from '../shared/scheme';
import { ACTIVATIONS, type ModelOutputErrors, type OutputErrors } from '../shared/sensitivity';
import type { QuantDocument } from './QuantDocument';

/** What spoils the model's outputs: a layer's weights under its scheme, or its quantized input. */
interface Culprit {
  readonly layer: string;
  readonly part: 'weights' | 'input';
  readonly sqnrDb: number;
}

/** How many are proposed, and how far below the middle one something must be to be proposed at all. */
const MOST_PROPOSED = 5;
const BELOW_MEDIAN_DB = 12;

/** Shows what spoils the model's outputs most, the worst chosen already, and leaves in float what the user says; one edit. */
export async function askFloatLayers(document: QuantDocument, known: readonly OutputErrors[]): Promise<void> {
  const { recipe } = document;
  const culprits = culpritsOf(
    recipe,
    known.filter((errors) => errors.level === 'model'),
  );
  if (culprits.length === 0) {
    void window.showInformationMessage(
      l10n.t('Nothing that the recipe quantizes changes the outputs of the model, as far as was measured.'),
    );
    return;
  }
  const proposed = new Set(worstOf(culprits));
  const items = culprits.map((culprit) => ({
    culprit,
    label: culprit.layer,
    description: `${culprit.part === 'input' ? l10n.t('input') : l10n.t('weights, {0}', schemeOf(recipe, culprit.layer))}: ${formatDb(culprit.sqnrDb)}`,
    picked: proposed.has(culprit),
  })) satisfies (QuickPickItem & { culprit: Culprit })[];
  const chosen = await window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: l10n.t('Leave in Float'),
    placeHolder: l10n.t('Model output error of each, quantized alone; the worst first'),
  });
  if (!chosen || chosen.length === 0) return;
  const layersOf = (part: Culprit['part']) =>
    chosen.filter(({ culprit }) => culprit.part === part).map(({ label }) => label);
  const withWeights = withScheme(recipe, layersOf('weights'), FLOAT);
  document.edit(
    chosen.length === 1
      ? l10n.t('Float: {0}', chosen[0]!.label)
      : l10n.t('Float: {0} choices', chosen.length),
    withLayerActivations(withWeights, layersOf('input'), FLOAT_ACTIVATIONS),
  );
}

function culpritsOf(recipe: Recipe, known: readonly ModelOutputErrors[]): Culprit[] {
  const found: Culprit[] = [];
  for (const { layer, errors } of known) {
    const scheme = schemeOf(recipe, layer);
    const weights = scheme === FLOAT ? null : errors[scheme]?.sqnrDb;
    if (weights != null) found.push({ layer, part: 'weights', sqnrDb: weights });
    const isFloat =
      Object.hasOwn(recipe.layerActivations, layer) && recipe.layerActivations[layer] === FLOAT_ACTIVATIONS;
    const input = isFloat ? null : errors[ACTIVATIONS]?.sqnrDb;
    if (input != null) found.push({ layer, part: 'input', sqnrDb: input });
  }
  return found.sort((a, b) => a.sqnrDb - b.sqnrDb);
}

/** @param culprits the worst first */
function worstOf(culprits: readonly Culprit[]): readonly Culprit[] {
  const median = culprits[culprits.length >> 1]!.sqnrDb;
  return culprits.filter(({ sqnrDb }) => sqnrDb < median - BELOW_MEDIAN_DB).slice(0, MOST_PROPOSED);
}
