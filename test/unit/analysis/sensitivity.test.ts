/** Layer and model output error on real models, in real onnxruntime, against doing it the plain way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrationSamples } from '../../../src/analysis/calibrationSamples';
import { createEngine } from '../../../src/analysis/engine';
import { openWeight } from '../../../src/analysis/openWeight';
import { readModel, weightOf } from '../../../src/analysis/OpenModels';
import { withOutputs } from '../../../src/onnx/partial/withOutputs';
import { quantizedValues } from '../../../src/analysis/sensitivity/quantizedValues';
import { Workbench } from '../../../src/analysis/Workbench';
import { buildKernel } from '../../../src/kernel/build.mjs';
import { loadKernel } from '../../../src/kernel/loadKernel';
import { embed } from '../../../src/onnx/externalData';
import { toBytes } from '../../../src/onnx/protos';
import { OutputReference } from '../../../src/quant/sensitivity/OutputReference';
import { worstOutput } from '../../../src/quant/sensitivity/modelOutputError';
import { RuntimeModel } from '../../../src/runtime/RuntimeModel';
import { CancelledError } from '../../../src/shared/rpc';
import {
  ACTIVATIONS,
  type ModelOutputErrors,
  type OutputErrors,
  type SensitivityRequest,
} from '../../../src/shared/sensitivity';
import { PICTURES, SamplePictures } from './samplePictures';
import { startLocalThread, startLocalVariantThread } from './startLocalThread';

const MNIST = 'test/mnist/mnist.onnx';
const SILERO = 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx';
const SHAPES = {
  [MNIST]: { image: [1, 1, 28, 28] },
  [SILERO]: { input: [1, 512], state: [2, 1, 128], sr: [] },
};
const SAMPLES = 6;
const folder = mkdtempSync(join(tmpdir(), 'quantscope-sensitivity-'));
let engine: ReturnType<typeof createEngine>;
let bench: Workbench;
let started = 0;

beforeAll(async () => {
  const file = join(folder, 'kernel.wasm');
  await buildKernel(file);
  const wasm = readFileSync(file);
  const bind = (memory: WebAssembly.Memory) => loadKernel(wasm, memory);
  bench = await Workbench.create(bind);
  engine = createEngine({
    loadKernel: bind,
    startThread: () => startLocalThread(bind),
    startVariantThread: () => {
      started++;
      return startLocalVariantThread(bind);
    },
    threads: 2,
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function request(path: keyof typeof SHAPES, change: Partial<SensitivityRequest> = {}): SensitivityRequest {
  const layers = readModel(path).inspection.layers.map(({ name }) => name);
  return {
    path,
    level: 'model',
    layers,
    schemes: ['int8', 'int4', 'binary'],
    calibration: 'synthetic',
    shapes: SHAPES[path],
    activations: null,
    others: null,
    temporary: join(folder, 'temporary'),
    samples: SAMPLES,
    cache: null,
    ...change,
  };
}

async function measure(wanted: SensitivityRequest, signal = new AbortController().signal, onNews = () => {}) {
  const found = new Map<string, OutputErrors>();
  const summary = await engine.sensitivity(wanted, {
    signal,
    progress: ({ layers }) => {
      for (const errors of layers) found.set(errors.layer, errors);
      if (layers.length > 0) onNews();
    },
  });
  return { found, summary };
}

/** Writes the quantized weight into the model, and runs it on the same samples; of the outputs, or of a value inside. */
async function plainly(
  path: keyof typeof SHAPES,
  layer: string,
  scheme: string,
  value: string | null = null,
) {
  const run = async (quantized: boolean) => {
    const model = readModel(path);
    const { constant } = model.layers.get(layer)!;
    const passes = openWeight(bench, weightOf(model, layer));
    if (quantized && !('problem' in passes))
      embed(constant.tensor, toBytes(await quantizedValues(bench, passes, scheme, () => Promise.resolve())));
    const runtime = await RuntimeModel.load(withOutputs(model, value ? [value] : []));
    const { all } = calibrationSamples('synthetic', path, model.inspection.model.inputs, SHAPES[path]);
    const places = Array.from({ length: SAMPLES }, (_, i) => Math.floor((i * all.count) / SAMPLES));
    const outputs = [];
    for (const sample of all.read(places)) outputs.push(await runtime.run(sample));
    await runtime.release();
    return outputs;
  };
  const [expected, actual] = [await run(false), await run(true)];
  const names = value ? [value] : [...expected[0]!.keys()];
  const differences = expected.map((outputs, i) => ({
    outputs: names.map((name) =>
      new OutputReference(outputs.get(name)!).difference(actual[i]!.get(name)!.data),
    ),
    correct: null,
  }));
  return worstOutput(differences)?.sqnrDb ?? null;
}

describe('model output error', () => {
  it.each([
    [MNIST, ['conv1', 'conv2', 'fc1', 'fc2']],
    [SILERO, ['If_0_then_branch__Inline_0__/stft/Conv', 'If_0_then_branch__Inline_0__/decoder/rnn/LSTM.R']],
  ] as const)(
    'of %s is that of a model written with the quantized weight',
    async (path, layers) => {
      const { found, summary } = await measure(request(path));
      expect(summary).toMatchObject({ inputs: 'synthetic', samples: SAMPLES });
      expect(summary.stability.map(({ samples }) => samples)).toEqual([1, 2, 4]);
      for (const layer of layers) {
        const { errors, problem } = found.get(layer)!;
        expect(problem).toBeNull();
        for (const scheme of ['int8', 'int4', 'binary'])
          expect(errors[scheme]!.sqnrDb!, `${layer} ${scheme}`).toBeCloseTo(
            (await plainly(path, layer, scheme))!,
            2,
          );
      }
    },
    120_000,
  );

  it('has intervals, divergences and agreements where outputs are probabilities', async () => {
    const { found } = await measure(request(MNIST));
    const { errors } = found.get('conv1') as ModelOutputErrors;
    const [low, high] = errors['binary']!.interval!;
    expect(errors['binary']).toMatchObject({ samples: SAMPLES, accuracy: null });
    expect(low).toBeLessThan(errors['binary']!.sqnrDb!);
    expect(high).toBeGreaterThan(errors['binary']!.sqnrDb!);
    expect(errors['binary']).toHaveProperty('divergence', expect.closeTo(1.5, -1));
    expect(errors['int8']).toHaveProperty('agreement', 1);
  });

  it('tells what a quantized input alone does', async () => {
    const { found } = await measure(request(MNIST, { activations: 'uint8', schemes: ['int8'] }));
    for (const { errors } of found.values()) {
      expect(errors[ACTIVATIONS]!.sqnrDb).toBeGreaterThan(25);
      expect(errors[ACTIVATIONS]!.sqnrDb).toBeLessThan(80);
    }
  });

  it('leaves alone what the samples do not reach', async () => {
    const { found } = await measure(request(SILERO, { schemes: ['binary'] }));
    // The branch for 8 kHz.
    expect(found.get('If_0_else_branch__Inline_0__/stft/Conv')!.errors['binary']!.sqnrDb).toBeNull();
  });
});

describe('layer output error', () => {
  it("is that of the layer's own output", async () => {
    const { found } = await measure(request(MNIST, { level: 'layer' }));
    for (const [layer, output, exact] of [
      ['conv2', 'conv2.out', true],
      // 1,568 inputs are more than all products are kept of.
      ['fc1', 'fc1.out', false],
      ['fc2', 'fc2.out', true],
    ] as const)
      for (const scheme of ['int8', 'int4', 'binary']) {
        const error = found.get(layer)!.errors[scheme]!;
        const difference = error.sqnrDb! - (await plainly(MNIST, layer, scheme, output))!;
        expect(error).toHaveProperty('exact', exact);
        expect(Math.abs(difference), `${layer} ${scheme}`).toBeLessThan(exact ? 0.01 : 0.5);
      }
  });

  it('says where it is not known', async () => {
    const { found } = await measure(request(SILERO, { level: 'layer' }));
    expect(found.get('If_0_then_branch__Inline_0__/stft/Conv')).toMatchObject({
      errors: {},
      problem: 'Its own output error is not known: it is not in the main graph.',
    });
  });
});

describe('what was measured', () => {
  /** Beside them is what was observed of activations. */
  const figures = (cache: string) => readdirSync(cache).filter((name) => name.endsWith('.json'));

  it('is kept by content, and schemes that are added are measured alone', async () => {
    const cache = join(folder, 'cache');
    const wanted = request(MNIST, { cache, activations: 'uint8' });
    const first = await measure(wanted);
    expect(figures(cache)).toHaveLength(1);
    started = 0;
    const second = await measure(wanted);
    expect(started).toBe(0);
    expect(second).toEqual(first);
    const third = await measure({ ...wanted, schemes: ['int8', 'log4'] });
    expect(started).toBeGreaterThan(0);
    expect(third.found.get('fc1')!.errors['int8']).toEqual(first.found.get('fc1')!.errors['int8']);
    expect(third.found.get('fc1')!.errors['log4']).toBeDefined();
    await measure({ ...wanted, samples: 3 });
    expect(figures(cache)).toHaveLength(2);
  });

  it('is another where labels are others', async () => {
    const pictures = new SamplePictures();
    const { model: path, cache, calibration } = pictures;
    const labels = join(pictures.folder, 'labels.csv');
    const rightWith = async (label: number) => {
      writeFileSync(labels, Array.from({ length: PICTURES }, (_, i) => `${i}.png,${label}`).join('\n'));
      const data = { calibration: { ...calibration, labels }, cache, schemes: ['int8'] };
      const { found } = await measure({ ...request(MNIST, data), path });
      return (found.get('fc2') as ModelOutputErrors).errors['int8']!.accuracy!;
    };
    const right = [];
    for (let label = 0; label < 10; label++) right.push(await rightWith(label));
    // Each picture is found to be one of the ten.
    expect(right.reduce((a, b) => a + b)).toBeCloseTo(1);
    pictures.remove();
  });

  it('survives a cancellation, which the next measurement goes on from', async () => {
    const cache = join(folder, 'resumed');
    const wanted = request(MNIST, { cache, level: 'layer' });
    const stop = new AbortController();
    await expect(measure(wanted, stop.signal, () => stop.abort())).rejects.toThrow(CancelledError);
    expect(readdirSync(cache)).toHaveLength(1);
    const kept = Object.keys(JSON.parse(readFileSync(join(cache, readdirSync(cache)[0]!), 'utf8')).layers);
    expect(kept.length).toBeGreaterThan(0);
    expect((await measure(wanted)).found.size).toBe(4);
  });
});
