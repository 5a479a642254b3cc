import { l10n, window, type QuickPickItem } from 'vscode';
import {
  floatChoices,
  leaveInFloat,
  type DominantContributor,
  type FloatChoice,
} from '../../core/recipe/floatChoices';
import { formatDb, formatGain } from '../../core/report/format';
import type { ModelOutputError } from '../../core/measure/errors';
import { schemeOf, type Recipe } from '../../core/recipe/recipe';
import type { ModelMeasurement } from '../../core/measure/Measurement';
import type { QuantDocument } from '../document/QuantDocument';

/**
 * Shows what spoils the model's outputs most, the worst chosen already, and leaves in float what the user says; one edit.
 * @param whole the model as the recipe makes it, where that was measured
 */
export async function askFloatLayers(
  document: QuantDocument,
  measured: readonly ModelMeasurement[],
  whole: ModelOutputError | null,
): Promise<void> {
  const { recipe } = document;
  const choices = floatChoices(recipe, measured, whole);
  if (choices.length === 0) {
    void window.showInformationMessage(
      l10n.t('Nothing that the recipe quantizes changes the outputs of the model, as far as was measured.'),
    );
    return;
  }
  const items = choices.map((choice) => ({
    choice,
    label: choice.layer,
    description: describe(recipe, choice, whole),
    picked: choice.proposed,
  })) satisfies (QuickPickItem & { choice: FloatChoice })[];
  const chosen = await window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title:
      recipe.calibration === 'synthetic'
        ? l10n.t('Leave in Float: measured on synthetic inputs (random numbers)')
        : l10n.t('Leave in Float'),
    placeHolder: whole
      ? l10n.t('Gain over the {0} of the recipe; the most first', formatDb(whole.sqnrDb))
      : l10n.t('Model output error of each, quantized alone; the worst first'),
  });
  if (!chosen || chosen.length === 0) return;
  document.edit(
    chosen.length === 1
      ? l10n.t('Float: {0}', chosen[0]!.label)
      : l10n.t('Float: {0} choices', chosen.length),
    leaveInFloat(
      // As it is now: it may have changed on disk meanwhile.
      document.recipe,
      chosen.map(({ choice }) => choice),
    ),
  );
}

function describe(
  recipe: Recipe,
  { leftDb, dominantContributors }: FloatChoice,
  whole: ModelOutputError | null,
): string {
  const alone = dominantContributors.map((contributor) => describePart(recipe, contributor));
  return whole && leftDb !== undefined
    ? [l10n.t('{0} when left in float', formatGain(leftDb, whole.sqnrDb)), ...alone].join('; ')
    : alone.join('; ');
}

function describePart(recipe: Recipe, { layer, part, sqnrDb }: DominantContributor): string {
  const what = part === 'input' ? l10n.t('input') : l10n.t('weights, {0}', schemeOf(recipe, layer));
  return `${what}: ${formatDb(sqnrDb)}`;
}
