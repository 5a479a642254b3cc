import { l10n } from 'vscode';
import type { IntegerFormat } from '../../core/recipe/recipe';
import { askCalibration } from './askCalibration';
import { choice, pick } from './pick';
import type { QuantDocument } from '../document/QuantDocument';

/**
 * Asks how activations are quantized, for what data, and how integer layers are written; one edit in the end, none if the user leaves
 * on the way.
 * @param inputs names of the model's inputs
 */
export async function askActivations(document: QuantDocument, inputs: readonly string[]): Promise<void> {
  const activations = await pick(l10n.t('Activations'), l10n.t('How are activations quantized?'), [
    choice(null, l10n.t('float'), l10n.t('Weights alone are quantized')),
    choice('uint8', 'uint8', l10n.t('Range from the least to the greatest value')),
    choice('uint8/mse', 'uint8/mse', l10n.t('Range of least squared error')),
    choice('uint8/average', 'uint8/average', l10n.t("Mean of the samples' ranges")),
    choice('uint8/entropy', 'uint8/entropy', l10n.t('Range of least KL divergence')),
    choice('uint8/p99.99', 'uint8/p99.99', l10n.t('Range that holds 99.99 % of the values')),
    choice('int8', 'int8', l10n.t('Around zero; onnxruntime runs fewer nodes in integers')),
  ]);
  if (!activations) return;
  if (activations.value === null)
    return document.edit(l10n.t('Activations float'), { ...document.recipe, activations: null });
  const calibration = await askCalibration(document, inputs);
  if (!calibration) return;
  const format = await pick<IntegerFormat>(
    l10n.t('Format'),
    l10n.t('How are layers written that compute in integers?'),
    [
      choice('QDQ', 'QDQ', l10n.t('Float operators between quantizers, which runtimes fuse')),
      choice('QOperator', 'QOperator', l10n.t("ONNX's operators on integers")),
    ],
  );
  if (format)
    document.edit(l10n.t('Activations {0}', activations.value), {
      // As it is now: it may have changed on disk meanwhile.
      ...document.recipe,
      activations: activations.value,
      calibration,
      format: format.value,
    });
}
