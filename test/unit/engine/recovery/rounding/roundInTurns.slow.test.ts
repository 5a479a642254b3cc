/** Rounding in turns makes up for what the layers before it have lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gainDb } from '../../../../../src/core/measure/Decibels';
import { randomSamples } from '../../../../../src/engine/data/calibrationSamples';
import { readModel } from '../../../../../src/engine/models/OpenModels';
import { OutputJudge } from '../../../../../src/engine/recovery/OutputJudge';
import { repairSamples } from '../../../../../src/engine/recovery/repairSamples';
import type { RoundedLayers } from '../../../../../src/engine/recovery/rounding/RoundedLayers';
import { roundInTurns } from '../../../../../src/engine/recovery/rounding/roundInTurns';
import { roundLayers } from '../../../../../src/engine/recovery/rounding/roundLayers';
import { quantizeWeight } from '../../../../../src/engine/weights/quantizeWeight';
import { WeightKernel } from '../../../../../src/engine/weights/WeightKernel';
import { rewriteModel } from '../../../../../src/onnx/write/rewriteModel';
import { weightOf } from '../../../../../src/engine/models/OpenModels';
import { bytesOf, floats, model, node, value } from '../../../../fixtures/onnx/builder';
import { testKernel } from '../../../../fixtures/testKernel';
import { normal } from '../../../quant/fitted';

const SILERO = 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx';
const [ROWS, INPUTS, HIDDEN, OUTPUTS] = [16, 12, 24, 6];
const folder = mkdtempSync(join(tmpdir(), 'quantscope-turns-'));
const pause = () => Promise.resolve();
let weightKernel: WeightKernel;

beforeAll(async () => {
  weightKernel = await WeightKernel.create(await testKernel());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function twoLayers(): string {
  const path = join(folder, 'two.onnx');
  const parts = {
    nodes: [node('MatMul', ['x', 'first'], 'h'), node('MatMul', ['h', 'second'], 'y')],
    inputs: [value('x', [ROWS, INPUTS])],
    outputs: [value('y', [ROWS, OUTPUTS])],
    initializers: [
      floats('first', [INPUTS, HIDDEN], normal(INPUTS * HIDDEN, 3)),
      floats('second', [HIDDEN, OUTPUTS], normal(HIDDEN * OUTPUTS, 4)),
    ],
  };
  writeFileSync(path, bytesOf(model(parts)));
  return path;
}

describe('rounding in turns', () => {
  it('makes up for a layer before that is coarse, as rounding alone cannot', async () => {
    const open = readModel(twoLayers());
    const schemes = new Map([
      ['first', 'ternary'],
      ['second', 'int8'],
    ]);
    const repaired = new Set(['second']);
    const samples = repairSamples(randomSamples(12, 1, open.inspection.model.inputs, { x: [ROWS, INPUTS] }))!;
    const judge = await OutputJudge.open(open, samples.judged, pause);
    const nearest = new Map();
    for (const [name, scheme] of schemes) {
      const result = await quantizeWeight(weightKernel, weightOf(open, name), scheme, pause);
      if ('problem' in result) throw new Error(result.problem);
      nearest.set(name, result.tensor);
    }
    const errorOf = async ({ rounded }: RoundedLayers) => {
      expect([...rounded.keys()]).toEqual(['second']);
      const tensors = [...rounded].map(([name, { tensor }]) => [name, tensor] as const);
      return judge.measure(rewriteModel(open, new Map([...nearest, ...tensors])), open.files, false);
    };
    const wanted = new Map([['second', 'int8']]);
    const memory = { known: new Map(), add: () => undefined };
    const alone = await roundLayers(weightKernel, open, wanted, samples, memory, pause);
    const inTurns = await roundInTurns(weightKernel, open, { schemes, repaired }, samples, pause);
    expect(gainDb((await errorOf(inTurns))!, (await errorOf(alone))!)).toBeGreaterThan(1);
  });

  it('says which layers it does not meet', async () => {
    const open = readModel(SILERO);
    const names = [...open.layers.keys()];
    const schemes = new Map(names.map((name) => [name, 'int4']));
    const shapes = { input: [1, 512], state: [2, 1, 128], sr: [] };
    const samples = repairSamples(randomSamples(4, 1, open.inspection.model.inputs, shapes))!;
    const weights = { schemes, repaired: new Set(names) };
    const { unmet, rounded } = await roundInTurns(weightKernel, open, weights, samples, pause);
    expect([...unmet]).toEqual(names);
    expect(rounded.size).toBe(0);
  });
});
