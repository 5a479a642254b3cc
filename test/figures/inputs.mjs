/**
 * Inputs for the figures: for each model calibration samples and others to compare on, as .npy files that both our quantizer and
 * onnxruntime's read. `node test/figures/inputs.mjs FOLDER [MODEL...]`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeNpy } from './npy.mjs';
import { readDigits } from '../mnist/readDigits.mjs';
import { seeded } from './seeded.mjs';
import { cropped, line, renderLine, renderPage, toTensor, turned } from './text.mjs';

const HALF = [0.5, 0.5, 0.5];
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** 40 files, of which Quantscope holds every fifth out. */
const CALIBRATION = 40;

/** Per model: how many test samples, and one sample as tensors by input, with what is to be found in it. */
const MAKERS = {
  cls: { test: 120, make: lineOf(true) },
  rec: { test: 120, make: lineOf(false) },
  det: {
    test: 24,
    make: (random) => ({ inputs: { x: toTensor(renderPage(320, random), IMAGENET.mean, IMAGENET.std) } }),
  },
  silero: { test: 64, make: voice },
  mnist: { test: 10_000, make: null },
};

/** A line of text; for the direction classifier 192 pixels of one that is upside down now and then. */
function lineOf(directions) {
  return (random) => {
    const text = line(random);
    const image = renderLine(text, random);
    if (!directions) return { label: text, inputs: { x: toTensor(image, HALF, HALF) } };
    const label = random() < 0.5 ? 0 : 1;
    const part = cropped(image, 192);
    return { label, inputs: { x: toTensor(label === 1 ? turned(part) : part, HALF, HALF) } };
  };
}

/** Something like a vowel, or only noise: 512 samples at 16 kHz, from a state of zeros. */
function voice(random) {
  const pitch = 90 + random() * 160;
  const loudness = random() < 0.5 ? 0.25 : 0;
  const values = Float32Array.from({ length: 512 }, (_, i) => {
    let sum = (random() - 0.5) * 0.02;
    for (let k = 1; k < 12; k++)
      sum += (loudness / k) * Math.sin((2 * Math.PI * pitch * k * i) / 16_000 + k * k);
    return sum;
  });
  return {
    inputs: {
      input: { dims: [1, 512], values },
      state: { dims: [2, 1, 128], values: new Float32Array(256) },
      sr: { dims: [], values: BigInt64Array.of(16_000n) },
    },
  };
}

/** Digits of MNIST: those of the training part to calibrate on, all of the other to test. */
function* digits(part, count) {
  const { pixels, labels } = readDigits(part);
  for (let i = 0; i < count; i++) {
    const values = Float32Array.from(pixels.subarray(i * 784, (i + 1) * 784), (pixel) => pixel / 255);
    yield { label: labels[i], inputs: { image: { dims: [1, 1, 28, 28], values } } };
  }
}

/** Writes FOLDER/MODEL/{calibration,test}/INPUT/N.npy and FOLDER/MODEL/labels.json of the test samples. */
export function writeInputs(folder, models = Object.keys(MAKERS)) {
  for (const model of models) {
    const { test, make } = MAKERS[model];
    const parts = { calibration: CALIBRATION, test };
    for (const [part, count] of Object.entries(parts)) {
      const random = seeded(part === 'test' ? 2 : 1);
      const made = make
        ? Array.from({ length: count }, () => make(random))
        : [...digits(part === 'test' ? 't10k' : 'train', count)];
      made.forEach(({ inputs }, i) => {
        for (const [name, tensor] of Object.entries(inputs)) {
          const target = join(folder, model, part, name);
          if (i === 0) mkdirSync(target, { recursive: true });
          writeNpy(join(target, `${i}.npy`), tensor);
        }
      });
      if (part === 'test')
        writeFileSync(
          join(folder, model, 'labels.json'),
          JSON.stringify(made.map(({ label }) => label ?? null)),
        );
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...models] = process.argv.slice(2);
  writeInputs(folder, models.length > 0 ? models : undefined);
}
