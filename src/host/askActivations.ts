import { l10n, Uri, window, type QuickPickItem } from 'vscode';
import { dirname, relative } from 'node:path';
import { IMAGE_PRESETS, readCalibration, type Calibration } from '../shared/calibration';
import type { Recipe } from '../shared/recipe';
import type { QuantDocument } from './QuantDocument';

interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

/** Asks how activations are quantized and for what data; one edit in the end, none if the user leaves on the way. */
export async function askActivations(document: QuantDocument): Promise<void> {
  const activations = await pick(l10n.t('Activations'), l10n.t('How are activations quantized?'), [
    choice(null, l10n.t('float'), l10n.t('Weights alone are quantized')),
    choice('uint8', 'uint8', l10n.t('Range from the least to the greatest value')),
    choice('uint8/mse', 'uint8/mse', l10n.t('Range of least squared error')),
    choice('uint8/average', 'uint8/average', l10n.t("Mean of the samples' ranges")),
    choice('uint8/p99.99', 'uint8/p99.99', l10n.t('Range that holds 99.99 % of the values')),
    choice('int8', 'int8', l10n.t('Around zero; onnxruntime runs fewer nodes in integers')),
  ]);
  if (!activations) return;
  const { recipe } = document;
  if (activations.value === null)
    return document.edit(l10n.t('Activations float'), { ...recipe, activations: null });
  const calibration = await askCalibration(document, recipe);
  if (calibration)
    document.edit(l10n.t('Activations {0}', activations.value), {
      ...recipe,
      activations: activations.value,
      calibration,
    });
}

/** Asks for the data alone, where something else needs it. */
export async function askData(document: QuantDocument): Promise<void> {
  const calibration = await askCalibration(document, document.recipe);
  if (calibration) document.edit(l10n.t('Calibration data'), { ...document.recipe, calibration });
}

async function askCalibration(document: QuantDocument, { calibration }: Recipe): Promise<Calibration | null> {
  const choices: Choice<'keep' | 'folder' | 'synthetic'>[] = [
    choice('folder', l10n.t('Choose a folder…'), l10n.t('With .npy, .npz, .pb, .png or .jpg files')),
    choice('synthetic', l10n.t('synthetic'), l10n.t('Random numbers, which stand for nothing')),
  ];
  if (calibration !== null) choices.unshift(choice('keep', l10n.t('As it is'), calibrationText(calibration)));
  const chosen = await pick(
    l10n.t('Calibration'),
    l10n.t('Which data is the model run on, for ranges of activations and for errors?'),
    choices,
  );
  if (!chosen) return null;
  if (chosen.value === 'synthetic') return 'synthetic';
  return chosen.value === 'keep' ? calibration : askFolder(document.uri);
}

async function askFolder(model: Uri): Promise<Calibration | null> {
  const folders = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: l10n.t('Calibrate'),
    defaultUri: Uri.joinPath(model, '..'),
  });
  if (!folders?.[0]) return null;
  const scaling = await pick(
    l10n.t('Calibration'),
    l10n.t('Pictures become numbers: (value / 255 - mean) / std'),
    Object.entries(IMAGE_PRESETS).map(([name, { mean, std }]) =>
      choice(name, name, l10n.t('mean {0}, std {1}', mean.join(', '), std.join(', '))),
    ),
  );
  if (!scaling) return null;
  const data = relative(dirname(model.fsPath), folders[0].fsPath).replaceAll('\\', '/') || '.';
  return readCalibration({ data, image: scaling.value }, () => undefined);
}

/** What the data is, in a few words. */
function calibrationText(calibration: Calibration): string {
  if (calibration === 'synthetic') return calibration;
  return typeof calibration.data === 'string' ? calibration.data : Object.values(calibration.data).join(', ');
}

function choice<T>(value: T, label: string, description: string): Choice<T> {
  return { value, label, description };
}

function pick<T>(title: string, placeHolder: string, choices: readonly Choice<T>[]) {
  return window.showQuickPick(choices, { title, placeHolder });
}
