import { l10n, Uri, window, type OpenDialogOptions } from 'vscode';
import { dirname, relative } from 'node:path';
import { calibrationOf, type Calibration, type CalibrationData } from '../../core/recipe/calibration';
import { IMAGE_PRESETS } from '../../core/recipe/imagePresets';
import { choice, pick, type Choice } from './pick';
import type { QuantDocument } from '../document/QuantDocument';

/**
 * Asks for the data alone, where something else needs it; one edit.
 * @param inputs names of the model's inputs
 */
export async function askData(document: QuantDocument, inputs: readonly string[]): Promise<void> {
  const calibration = await askCalibration(document, inputs);
  if (calibration) document.edit(l10n.t('Calibration data'), { ...document.recipe, calibration });
}

/** Asks what the model is run on; null if the user leaves. @param inputs names of the model's inputs */
export async function askCalibration(
  { recipe: { calibration }, uri }: QuantDocument,
  inputs: readonly string[],
): Promise<Calibration | null> {
  const choices: Choice<'keep' | 'folder' | 'each' | 'file' | 'synthetic'>[] = [
    choice('folder', l10n.t('Choose a folder…'), l10n.t('With .npy, .npz, .pb, .png or .jpg files')),
    choice('file', l10n.t('Choose a file…'), l10n.t('An array of many samples: .npy, .npz or .pb')),
    choice('synthetic', l10n.t('synthetic'), l10n.t('Random numbers, which stand for nothing')),
  ];
  if (inputs.length > 1)
    // One folder serves several inputs only with archives.
    choices.splice(
      1,
      0,
      choice('each', l10n.t('Choose a folder for each input…'), l10n.t('For {0}', inputs.join(', '))),
    );
  if (calibration !== null) choices.unshift(choice('keep', l10n.t('As it is'), calibrationText(calibration)));
  const chosen = await pick(
    l10n.t('Calibration'),
    l10n.t('Which data is the model run on, for ranges of activations and for errors?'),
    choices,
  );
  switch (chosen?.value) {
    case undefined:
      return null;
    case 'keep':
      return calibration;
    case 'synthetic':
      return 'synthetic';
    case 'file': {
      const file = await askPath(uri, { canSelectFiles: true, filters: { Arrays: ['npy', 'npz', 'pb'] } });
      return file === null ? null : dataOf(file);
    }
    case 'folder': {
      const folder = await askPath(uri, { canSelectFiles: false, canSelectFolders: true });
      return folder === null ? null : withScaling(folder);
    }
    case 'each':
      return askFolders(uri, inputs);
  }
}

async function askFolders(model: Uri, inputs: readonly string[]): Promise<Calibration | null> {
  const folders: [string, string][] = [];
  for (const input of inputs) {
    const title = l10n.t('Data for the input {0}', input);
    const folder = await askPath(model, { title, canSelectFiles: false, canSelectFolders: true });
    if (folder === null) return null;
    folders.push([input, folder]);
  }
  // fromEntries defines own properties, so that an input named "__proto__" is just a name.
  return withScaling(Object.fromEntries(folders));
}

async function withScaling(data: CalibrationData['data']): Promise<Calibration | null> {
  const scaling = await pick(
    l10n.t('Calibration'),
    l10n.t('Pictures become numbers: (value / 255 - mean) / std'),
    Object.entries(IMAGE_PRESETS).map(([name, { mean, std }]) =>
      choice(name, name, l10n.t('mean {0}, std {1}', mean.join(', '), std.join(', '))),
    ),
  );
  return scaling ? dataOf(data, scaling.value) : null;
}

/** A path as recipes have it, relative to the model's folder; null if the user leaves. */
async function askPath(model: Uri, options: OpenDialogOptions): Promise<string | null> {
  const [chosen] =
    (await window.showOpenDialog({
      openLabel: l10n.t('Calibrate'),
      defaultUri: Uri.joinPath(model, '..'),
      ...options,
    })) ?? [];
  if (!chosen) return null;
  return relative(dirname(model.fsPath), chosen.fsPath).replaceAll('\\', '/') || '.';
}

function dataOf(data: CalibrationData['data'], image?: string): Calibration {
  return calibrationOf({ data, ...(image === undefined ? {} : { image }) });
}

/** Describes the data in a few words. */
function calibrationText(calibration: Calibration): string {
  if (calibration === 'synthetic') return calibration;
  return typeof calibration.data === 'string' ? calibration.data : Object.values(calibration.data).join(', ');
}
