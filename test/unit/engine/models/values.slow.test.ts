/** A model is a value: every one is frozen when it is parsed and after each edit, so that a job that wrote into it would fail. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { createEngine } from '../../../../src/engine/jobs/engine';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { observeActivations } from '../../../../src/engine/activations/observeActivations';
import { calibrationSamples } from '../../../../src/engine/data/calibrationSamples';
import { GraphEdits } from '../../../../src/onnx/graph/GraphEdits';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import { layerInputTensors } from '../../../../src/onnx/subgraph/layerInputs';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import { bytesOf, externalTensor, floats, graph, model, node, value } from '../../../fixtures/onnx/builder';
import { deepFreeze } from '../../../fixtures/onnx/frozen';
import { convNet, residualNet } from '../../../fixtures/onnx/integerNets';
import { Exporter } from '../export/exporter';
import { createLocalEngine } from '../threads/startLocalThread';
import { testKernel } from '../../../fixtures/testKernel';

vi.mock(import('../../../../src/onnx/file/parseModel'), async (original) => {
  const module = await original();
  return { ...module, parseModel: (...args) => deepFreeze(module.parseModel(...args)) };
});
const { apply } = GraphEdits.prototype;
vi.spyOn(GraphEdits.prototype, 'apply').mockImplementation(function (this: GraphEdits) {
  return deepFreeze(apply.call(this));
});

const exporter = new Exporter();
const folder = mkdtempSync(join(tmpdir(), 'quantscope-values-'));
let engine: ReturnType<typeof createEngine>;
beforeAll(async () => {
  const bind = await testKernel();
  engine = createLocalEngine(bind, { threads: 1 });
  await exporter.start();
}, 60_000);
afterAll(() => {
  exporter.remove();
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** A weight in another file, one in a Constant, and one in each branch of an If. */
function scattered(): Uint8Array {
  const branch = (name: string) =>
    graph({
      initializers: [floats(`${name}_w`, [8, 8])],
      nodes: [node('MatMul', ['h', `${name}_w`], name, {}, name)],
      outputs: [value(name, [2, 8])],
    });
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(floats('w', [8, 8]).rawData));
  return bytesOf(
    model({
      inputs: [value('x', [2, 8])],
      outputs: [value('y', [2, 8])],
      initializers: [externalTensor('w', [8, 8], { location: 'w.bin' }), floats('zero', [], [0])],
      nodes: [
        node('MatMul', ['x', 'w'], 'h', {}, 'outside'),
        node('ReduceSum', ['h'], 'sum', { keepdims: 0 }),
        node('Less', ['sum', 'zero'], 'flag'),
        node('If', ['flag'], 'i', { then_branch: branch('a'), else_branch: branch('b') }),
        node('Constant', [], 'c', { value: floats('', [8, 8]) }),
        node('MatMul', ['i', 'c'], 'y', {}, 'constant'),
      ],
    }),
  );
}

const MODELS: Record<string, () => Uint8Array> = { residual: residualNet, convolutions: convNet, scattered };
const RECIPES: readonly Partial<Recipe>[] = [
  { default: 'int8' },
  { default: 'int4/block16' },
  { activations: 'uint8', calibration: 'synthetic' },
  { activations: 'uint8', calibration: 'synthetic', format: 'QOperator' },
];

describe.each(Object.keys(MODELS))('%s', (name) => {
  const path = join(folder, `${name}.onnx`);
  beforeAll(() => writeFileSync(path, MODELS[name]!()));

  it.each(RECIPES)('is exported by %j', async (recipe) => {
    const { report } = await exporter.export(path, recipe);
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(5);
  });

  it('is observed, and written as it was afterwards', async () => {
    const opened = readModel(path);
    expect(Object.isFrozen(opened.graph.nodes[0]!.input)).toBe(true);
    const before = serializeModel(opened.graph, opened.files, '').model;
    const { inputs } = opened.inspection.model;
    const shapes = Object.fromEntries(inputs.map(({ name: input, shape }) => [input, shape as number[]]));
    const { all } = calibrationSamples('synthetic', path, inputs, shapes);
    const on = { samples: all, sampleIndices: [0, 1], cache: null };
    const nothing = () => Promise.resolve();
    const tensors = layerInputTensors(opened);
    const observers = await observeActivations(opened, tensors, on, nothing, nothing);
    expect([...observers.values()].every(({ count }) => count > 0)).toBe(true);
    expect(serializeModel(opened.graph, opened.files, '').model).toEqual(before);
  });

  it.each([
    ['layer', null],
    ['model', null],
    ['model', { default: 'int8', activations: 'uint8' }],
  ] as const)('has sensitivities of %ss, %j', async (level, others) => {
    const layers = readModel(path).inspection.layers.map((layer) => layer.name);
    const measured = new Set<string>();
    await engine.measure(
      {
        path,
        level,
        layers,
        schemes: others ? [] : ['int8'],
        calibration: 'synthetic',
        shapes: {},
        activations: null,
        others: others && { ...EMPTY_RECIPE, calibration: 'synthetic', ...others },
        samples: 2,
        cache: null,
      },
      {
        signal: new AbortController().signal,
        progress: ({ measurements }) => {
          for (const { layer, errors } of measurements)
            if (Object.keys(errors).length > 0) measured.add(layer);
        },
      },
    );
    expect(measured.size).toBeGreaterThan(0);
  });
});
