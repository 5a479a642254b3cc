/** The form of 8-bit weights, chosen for the integer kernels of a CPU. */
import { encode } from 'fast-png';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphProto, NodeProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addsPairsIn16Bits } from '../../../../src/engine/compare/addsPairsIn16Bits';
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import type { ExportReport } from '../../../../src/core/report/report';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import type { ConvAttributes } from '../../../../src/quant/conv/ConvGeometry';
import { convNet, residualNet } from '../../../fixtures/onnx/integerNets';
import { load } from '../../../fixtures/onnx/runtime';
import { conv2dSums, dot, pairedDot } from '../../../reference/integer/pairedProducts';
import { Exporter } from './exporter';

const exporter = new Exporter();
const [conv, residual] = ['conv.onnx', 'residual.onnx'].map((name) => join(exporter.folder, name)) as [
  string,
  string,
];
const pictures = join(exporter.folder, 'pictures');
const image = { size: null, channels: 'BGR', mean: [0.5], std: [0.5] } as const;
const PICTURES = 12;
const INTEGERS = {
  activations: 'uint8',
  calibration: { data: pictures, samples: PICTURES, image, labels: null },
  repair: 'kernels',
} as const;

beforeAll(async () => {
  await exporter.start();
  writeFileSync(conv, convNet());
  writeFileSync(residual, residualNet());
  mkdirSync(pictures);
  for (let i = 0; i < PICTURES; i++)
    writeFileSync(
      join(pictures, `${i}.png`),
      encode({ width: 16, height: 16, data: picture(i), channels: 3 }),
    );
}, 60_000);
afterAll(() => exporter.remove());

/** Something with edges: 16 x 16 pixels of three channels. */
function picture(i: number): Uint8Array {
  return Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % 16, Math.floor(at / 48)];
    return Math.sin(x / (3 + (i % 5))) * Math.cos(y / (4 + (i % 3))) > 0.2 ? 20 : 240;
  });
}

/** As `image` says: from -1 to 1, channels first, blue before red, which are the same. */
function pictureTensor(i: number): Tensor {
  const pixels = picture(i);
  const values = Float32Array.from(pixels, (_, at) => {
    const [channel, place] = [Math.floor(at / 256), at % 256];
    return (pixels[place * 3 + channel]! / 255 - 0.5) / 0.5;
  });
  return new Tensor('float32', values, [1, 3, 16, 16]);
}

interface StoredWeight {
  readonly node: NodeProto;
  readonly signed: boolean;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

/** The weights of convolutions and matrix products, as they are in the file. */
function weightsIn({ node: nodes, initializer }: GraphProto): StoredWeight[] {
  const constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  const producers = new Map(nodes.map((node) => [node.output[0]!, node]));
  return nodes.flatMap((node) => {
    if (!['Conv', 'MatMul', 'Gemm'].includes(node.opType)) return [];
    const codes = constants.get(producers.get(node.input[1]!)!.input[0]!)!;
    // ONNX's numbers for element types: 3 is int8, 2 is uint8.
    return [{ node, signed: codes.dataType === 3, dims: codes.dims.map(Number), bytes: codes.rawData }];
  });
}

/** How convolutions are set up, as the reference takes it. */
function attributesOf({ attribute }: NodeProto): ConvAttributes {
  const ints = (name: string) => attribute.find((each) => each.name === name)?.ints.map(Number);
  const text = new TextDecoder().decode(attribute.find(({ name }) => name === 'auto_pad')?.s);
  const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map(ints);
  return {
    group: Number(attribute.find(({ name }) => name === 'group')?.i ?? 1n),
    ...(strides && { strides }),
    ...(dilations && { dilations }),
    ...(pads && { pads }),
    ...(text && { autoPad: text as NonNullable<ConvAttributes['autoPad']> }),
  };
}

/** The convolutions with signed weights whose sums overflow on CPUs without VNNI, on any of the pictures. */
async function overflowing(path: string): Promise<string[]> {
  const { graph, files } = readModel(path);
  const producers = new Map(graph.nodes.map((node) => [node.output[0]!, node]));
  const constants = new Map(graph.model.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const weights = weightsIn(graph.model.graph).filter(({ node, signed }) => signed && node.opType === 'Conv');
  const inputOf = ({ node }: StoredWeight) => producers.get(node.input[0]!)!.input;
  const bytes = withOutputs(
    graph,
    files,
    weights.map((weight) => inputOf(weight)[0]!),
  );
  const session = await load(bytes, { graphOptimizationLevel: 'disabled' });
  const found = new Set<string>();
  try {
    for (let i = 0; i < PICTURES; i++) {
      const results = await session.run({ x: pictureTensor(i) });
      for (const weight of weights) {
        const [codes, , zeroPoint] = inputOf(weight);
        const { dims, data } = results[codes!]!;
        const zero = constants.get(zeroPoint!)!.rawData[0]!;
        const stored = weight.bytes.slice();
        const sums = [dot, pairedDot].map((multiply) =>
          conv2dSums(
            multiply,
            { dims, data: data as Uint8Array },
            { dims: weight.dims, data: new Int8Array(stored.buffer) },
            zero,
            attributesOf(weight.node),
          ).join(),
        );
        if (sums[0] !== sums[1]) found.add(weight.node.name);
      }
    }
  } finally {
    await session.release();
  }
  return [...found];
}

/** The sentences on the form of weights: of a repair where this machine can measure what it bought. */
function saidOf({ integers, repairs }: ExportReport): string {
  return [integers!.forms, ...repairs.map(({ note }) => note)].join(' ');
}

describe('weights', () => {
  it.each([
    ['convolutions', conv],
    ['a residual network', residual],
  ])(
    'of %s that may overflow without VNNI do not where they are written for such CPUs',
    async (_, path) => {
      const plain = await exporter.export(path, { ...INTEGERS, repair: 'off' });
      const before = await overflowing(plain.output);
      expect(before.length).toBeGreaterThan(1);
      const { report, graph, output } = await exporter.export(path, { ...INTEGERS, cpu: 'x64-avx2' });
      expect(await overflowing(output)).toEqual([]);
      // Those that did not overflow are as they were.
      const changed = new Set(before);
      const after = weightsIn(graph);
      const same = weightsIn(plain.graph).filter(({ bytes }, i) =>
        Buffer.from(bytes).equals(after[i]!.bytes),
      );
      for (const { node } of same) expect(changed).not.toContain(node.name);
      const { exactOutputs, integerKernels, nodes } = report.integers!;
      expect(integerKernels).toBe(nodes);
      const [exact, own] = [
        exactOutputs![0]!.sqnrDb as number,
        report.verification!.outputs[0]!.sqnrDb as number,
      ];
      expect(own).toBeGreaterThan(exact - 1);
      expect(saidOf(report)).toMatch(/pairs of neighbouring products in \d+ layers may overflow/);
    },
    120_000,
  );

  it('are the same bytes again', async () => {
    const recipe = { ...INTEGERS, cpu: 'x64-avx2' } as const;
    const [first, second] = [
      await exporter.export(residual, recipe, false),
      await exporter.export(residual, recipe, false),
    ];
    expect(readFileSync(second.output).equals(readFileSync(first.output))).toBe(true);
  }, 120_000);

  it('are signed where kernels are exact, whatever the recipe calls their codes', async () => {
    for (const scheme of ['int8', 'uint8/sym']) {
      const { report, graph } = await exporter.export(residual, {
        ...INTEGERS,
        default: scheme,
        cpu: 'x64-vnni',
      });
      expect(weightsIn(graph).every(({ signed }) => signed)).toBe(true);
      expect(saidOf(report)).toMatch(/signed codes, whose integer kernels are exact/);
      expect(report.layers.every(({ scheme: named }) => named === scheme)).toBe(true);
    }
  }, 120_000);

  it('compute on this machine what they do exactly', async () => {
    const { report } = await exporter.export(residual, INTEGERS);
    const { exactOutputs } = report.integers!;
    const lost = (exactOutputs![0]!.sqnrDb as number) - (report.verification!.outputs[0]!.sqnrDb as number);
    expect(lost).toBeLessThan(1);
    expect(saidOf(report)).toMatch(
      (await addsPairsIn16Bits()) ? /may overflow/ : /exact and the fastest on this machine/,
    );
  }, 120_000);

  it('stay as they are where the repair is not wanted', async () => {
    const recipe = { ...INTEGERS, cpu: 'x64-vnni', default: 'uint8/sym' } as const;
    const { graph, inspection } = await exporter.export(residual, { ...recipe, repair: 'off' }, false);
    expect(weightsIn(graph).some(({ signed }) => signed)).toBe(false);
    const [first] = inspection.layers;
    const some = await exporter.export(residual, { ...recipe, layerRepair: { [first!.name]: 'off' } }, false);
    expect(weightsIn(some.graph)[0]!.signed).toBe(false);
    expect(weightsIn(some.graph).some(({ signed }) => signed)).toBe(true);
  }, 120_000);
});
