/**
 * Rounding by second moments of whole models on rendered text and digits: CPU time of gathering the moments against that of running the samples, of factorizing them, which is once for all schemes, and of
 * rounding to one scheme, with its scales and with scales chosen for the output; and of one large layer.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrationOf } from '../../src/core/recipe/calibration';
import { calibrationSamples, type SampleList } from '../../src/engine/data/calibrationSamples';
import { Random } from '../../src/engine/data/random';
import type { OpenModel } from '../../src/engine/formats/OpenModel';
import { readModel } from '../../src/engine/formats/readModel';
import { weightOf } from '../../src/engine/formats/OpenModel';
import { emptyMoments, gatherMoments, type Gathered } from '../../src/engine/moments/gatherMoments';
import { MomentsKernel } from '../../src/engine/moments/MomentsKernel';
import { RuntimeModel } from '../../src/engine/runtime/RuntimeModel';
import { openWeight } from '../../src/engine/weights/openWeight';
import { RoundingKernel } from '../../src/engine/weights/RoundingKernel';
import { WeightKernel, type LoadKernel } from '../../src/engine/weights/WeightKernel';
import { quantizationErrors, weightRows } from '../../src/engine/weights/weightRows';
import { loadKernel } from '../../src/kernel/loadKernel';
import { withOutputs } from '../../src/onnx/subgraph/withOutputs';
import { specOf } from '../../src/core/scheme/scheme';
import { factorMoments } from '../../src/quant/rounding/MomentsFactor';
import { roundByMoments } from '../../src/quant/rounding/roundByMoments';
import { roundWithScales } from '../../src/quant/rounding/roundWithScales';
import { fitQuantizer, type QuantizingSpec } from '../../src/quant/schemes/fitQuantizer';
import { compileKernel } from './compileKernel';
import { CLS, DET, REC } from './realModels';
import { Table } from './Table';

const MODELS = { cls: CLS, det: DET, rec: REC };
const SAMPLES = 32;
const LIMITS = { numbers: 2 ** 24, positions: 64 };
const SCHEME = 'int4';
const LARGE = 4096;

const noPause = () => Promise.resolve();

export async function benchRounding(): Promise<void> {
  const wasm = await compileKernel('index.ts');
  const load: LoadKernel = (memory) => loadKernel(wasm, memory);
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-rounding-'));
  const table = new Table(
    'CPU s',
    'weights',
    'samples run',
    'moments',
    'times',
    'factors',
    SCHEME,
    'and scales',
  );
  try {
    execFileSync(process.execPath, ['test/figures/inputs.mjs', folder, ...Object.keys(MODELS)]);
    for (const [name, path] of Object.entries(MODELS)) {
      const model = readModel(path);
      const calibration = calibrationOf(join(folder, name, 'calibration', 'x'));
      const { all } = calibrationSamples(calibration, path, model.inspection.model.inputs, {});
      table.add(name, ...(await measure(load, model, all)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${String(table)}\n`);
  await benchLarge(load);
}

async function measure(load: LoadKernel, model: OpenModel, samples: SampleList): Promise<string[]> {
  const indices = [...Array(Math.min(SAMPLES, samples.count)).keys()];
  const running = await cpuSeconds(async () => {
    const runtime = await RuntimeModel.load(withOutputs(model.graph, model.files, []));
    for (const sample of samples.read(indices)) await runtime.runTensors(sample);
    await runtime.release();
  });
  const gathered = await emptyMoments(load, model, [...model.layers.keys()], LIMITS);
  const gathering = await cpuSeconds(() => gatherMoments(model, samples, indices, gathered, noPause));
  const { weights, factors, rounding, scales } = await round(load, model, gathered);
  const seconds = [gathering, gathering / running, factors, rounding, scales].map((each) => each.toFixed(2));
  return [`${(weights / 1e6).toFixed(2)} M`, running.toFixed(2), ...seconds];
}

async function round(load: LoadKernel, model: OpenModel, { layers }: Gathered) {
  const [weightKernel, momentsKernel, loops] = [
    await WeightKernel.create(load),
    await MomentsKernel.create(load),
    await RoundingKernel.create(load),
  ];
  const times = { weights: 0, factors: 0, rounding: 0, scales: 0 };
  for (const [name, layer] of layers) {
    const passes = openWeight(weightKernel, weightOf(model, name));
    if ('reason' in layer || 'problem' in passes || layer.moments.count === 0) continue;
    const { state } = layer.moments;
    const { taps } = layer.inputs;
    const quantizer = await fitQuantizer(specOf(SCHEME) as QuantizingSpec, passes, noPause);
    if (quantizer.kind === 'vector') continue;
    const weights = weightRows(weightKernel, passes);
    const errors = quantizationErrors(weightKernel, passes, quantizer);
    const nearest = weights.map((weight, i) => weight + errors[i]!);
    let factor = factorMoments({ ...state, count: 0 });
    times.weights += weights.length;
    times.factors += await cpuSeconds(() => (factor = factorMoments(state, {}, loops)));
    const moments = momentsKernel.hold(state);
    const task = { weights, nearest, quantizer, moments, factor, taps };
    times.rounding += await cpuSeconds(() => roundByMoments(task, noPause, loops));
    times.scales += await cpuSeconds(() => roundWithScales(task, noPause, loops));
  }
  return times;
}

async function benchLarge(load: LoadKernel): Promise<void> {
  const random = new Random(1);
  const normal = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const momentsKernel = await MomentsKernel.create(load);
  const loops = await RoundingKernel.create(load);
  const shape = { inputs: LARGE, perGroup: LARGE, block: LARGE };
  const products = (await MomentsKernel.create(load)).products(shape);
  const vectors = normal(64 * LARGE);
  const table = new Table('CPU s', 'products of 64', 'factor', SCHEME);
  const gathering = await cpuSeconds(() => products.add(0, LARGE, vectors, 64, 1));
  const state = {
    ...{ inputs: LARGE, groups: 1, block: LARGE, count: 64, skipped: 0 },
    ...{ sums: new Float64Array(LARGE), products: products.numbers.slice() },
  };
  let factor = factorMoments({ ...state, count: 0, inputs: 1, block: 1 });
  const factors = await cpuSeconds(() => (factor = factorMoments(state, {}, loops)));
  const weights = normal(LARGE * LARGE);
  const groups = { rows: LARGE, cols: LARGE, size: LARGE, perRow: 1, count: LARGE };
  const scales = new Float32Array(LARGE).fill(0.5);
  const quantizer = { kind: 'affine', groups, bits: 4, qmin: -7, qmax: 7, scales, zeroPoints: null } as const;
  const nearest = weights.map((weight) => Math.max(-7, Math.min(7, Math.round(weight * 2))) / 2);
  const moments = momentsKernel.hold(state);
  const task = { weights, nearest, quantizer, moments, factor, taps: null };
  const rounding = await cpuSeconds(() => roundByMoments(task, noPause, loops));
  table.add(`${LARGE} x ${LARGE}`, ...[gathering, factors, rounding].map((each) => each.toFixed(2)));
  console.log(`${String(table)}\n`);
}

/** Of all threads of the process. */
async function cpuSeconds(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
