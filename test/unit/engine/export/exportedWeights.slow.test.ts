import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../../../src/engine/export/exportModel';
import { readModel, weightOf } from '../../../../src/engine/models/OpenModels';
import { openWeight } from '../../../../src/engine/weights/openWeight';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import { quantizingSpec } from '../../../../src/engine/weights/measureScheme';
import { fitQuantizer } from '../../../../src/quant/schemes/fitQuantizer';
import { EMPTY_RECIPE, schemeOf, type Recipe } from '../../../../src/core/recipe/recipe';
import { type SchemeId } from '../../../../src/core/scheme/scheme';
import { ALL_SCHEMES } from '../../../../src/core/scheme/schemeLists';
import { bytesOf, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { parseInMemory } from '../../../fixtures/onnx/inspect';
import { MODELS } from '../../cli/runCli';
import { writeModel } from '../../cli/badModels';
import { Random } from '../../../../src/engine/data/random';
import { testKernel } from '../../../fixtures/testKernel';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-weights-'));
let weightKernel: WeightKernel;

beforeAll(async () => {
  weightKernel = await WeightKernel.create(await testKernel());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Weights as the analysis sees them after quantizing, in tensor order. */
async function simulated(path: string, layer: string, scheme: SchemeId): Promise<Float32Array> {
  const weight = weightOf(readModel(path), layer);
  const { outer, channels, inner } = weight.layout;
  const passes = openWeight(weightKernel, weight);
  if ('problem' in passes) throw new Error(passes.problem);
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, () => Promise.resolve());
  const result = new Float32Array(outer * channels * inner);
  for (const block of passes.blocks()) {
    weightKernel.quantize(block, quantizer, { values: true });
    const values = weightKernel.values(block);
    for (let r = 0; r < block.rows; r++)
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++)
          result[(o * channels + block.row + r) * inner + i] = values[(r * outer + o) * inner + i]!;
  }
  return result;
}

/** Runs an exported model with its weights as outputs. */
async function exposed(path: string, feeds: Record<string, Tensor>, weights: readonly string[]) {
  const proto = parseInMemory(readFileSync(path), path);
  proto.graph.output = weights.map((name) => value(name, []));
  for (const output of proto.graph.output) output.type!.value = { case: undefined };
  const session = await InferenceSession.create(bytesOf(proto), {
    logSeverityLevel: 4,
    // Keeps DequantizeLinear from being fused into kernels that never make the weight.
    extra: { session: { disable_quant_qdq: '1' } },
  });
  return session.run(feeds);
}

let exports = 0;

/** Exports a model and compares each weight of the file, as onnxruntime computes it, with the simulated one. */
async function check(source: string, feeds: Record<string, Tensor>, recipe: Partial<Recipe>): Promise<void> {
  const output = join(folder, `export${exports++}.onnx`);
  const request = {
    path: source,
    recipe: { ...EMPTY_RECIPE, ...recipe },
    output,
  };
  await exportModel(
    weightKernel,
    { ...request, overwrite: false, verify: true, cache: null },
    { signal: new AbortController().signal, progress: () => {} },
  );
  const { layers } = readModel(source).inspection;
  const weights = layers.map(({ weight }) => weight);
  const results = await exposed(output, feeds, weights);
  for (const { name, weight } of layers) {
    const scheme = schemeOf(request.recipe, name);
    const expected = await simulated(source, name, scheme);
    const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
    expect(bits(results[weight]!.data as Float32Array), `${name} under ${scheme}`).toEqual(bits(expected));
  }
}

/** One of each kind, and what stores its codes or numbers in another way. */
const SCHEMES: readonly SchemeId[] = [
  ...ALL_SCHEMES,
  'int2',
  'int7/tensor',
  'uint3/tensor',
  'uint16',
  'int16/block32',
  'int8/asym',
  'uint4/sym/block16',
  'int4/signed',
  'int4/even',
  'int4/signed/block16',
  'uint4/sym/signed/block16/mse',
  'int5/signed/tensor',
  'int8/signed',
  'uint5/block16/mse',
  'log2/tensor',
  'log4/block32',
  'log6/sqrt2/block16',
  'apot5/tensor',
  'nf4/tensor',
  'fp8e4m3/tensor',
  'fp8e5m2/block32',
  'fp6e3m2',
  'fp4',
  'mxfp8e5m2/block16',
  'binary/tensor',
  'ternary/block16',
  'dorefa1',
  'dorefa2/unit',
  'codebook1',
  'codebook6/channel',
  'vq1x3',
  'vq3x5',
  'vq6x17/parts3',
  'vq8x200/parts2',
];

describe('the exported weights are the simulated ones to the last bit', () => {
  const layers = readModel(MODELS.cls).inspection.layers.map(({ name }) => name);
  const x = new Tensor('float32', new Float32Array(3 * 48 * 192), [1, 3, 48, 192]);

  // Every layer under another scheme: two rounds have room for all.
  it.each([
    [0, 'keep'],
    [layers.length, 'raise'],
    [SCHEMES.length - layers.length, 'raise'],
  ] as const)(
    'in a real model with a scheme for each layer, from number %i on, %s its opset',
    async (first, opset) => {
      const choices = layers.map((name, i) => [name, SCHEMES[(first + i) % SCHEMES.length]!] as const);
      await check(MODELS.cls, { x }, { layers: Object.fromEntries(choices), opset });
    },
  );
});

describe.each(SCHEMES)('the exported weights of %s are the simulated ones to the last bit', (scheme) => {
  it.each([9, 13, 21, 23])('at opset %i, for convolutions and both sides of MatMul', async (opset) => {
    const random = new Random(opset);
    const normal = (count: number) => Float32Array.from({ length: count }, () => random.normal());
    const source = writeModel(
      folder,
      `opset${opset}-${scheme.replaceAll(/[/:]/g, '-')}.onnx`,
      bytesOf(
        model(
          {
            nodes: [
              node('Conv', ['x', 'conv'], 'a', {}, 'conv'),
              node('ConvTranspose', ['a', 'up'], 'b', {}, 'up'),
              node('MatMul', ['b', 'right'], 'c', {}, 'right'),
              node('MatMul', ['left', 'c'], 'y', {}, 'left'),
            ],
            inputs: [value('x', [1, 3, 5, 5])],
            outputs: [value('y', [1, 2, 3, 9])],
            initializers: [
              floats('conv', [7, 3, 3, 3], normal(189)),
              floats('up', [7, 2, 3, 3], normal(126)),
              floats('right', [5, 9], normal(45)),
              floats('left', [3, 5], normal(15)),
            ],
          },
          { opset },
        ),
      ),
    );
    await check(
      source,
      { x: new Tensor('float32', normal(75), [1, 3, 5, 5]) },
      { default: scheme, opset: 'keep' },
    );
  });
});
