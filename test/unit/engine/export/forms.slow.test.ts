/** The form of 8-bit weights, chosen for the integer kernels of a CPU. */
import { encode } from 'fast-png';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphProto, NodeProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addsPairsIn16Bits } from '../../../../src/engine/compare/addsPairsIn16Bits';
import { convNet, residualNet } from '../../../fixtures/onnx/integerNets';
import { Exporter } from './exporter';

const exporter = new Exporter();
const [conv, residual] = ['conv.onnx', 'residual.onnx'].map((name) => join(exporter.folder, name)) as [
  string,
  string,
];
const pictures = join(exporter.folder, 'pictures');
const image = { size: null, channels: 'BGR', mean: [0.5], std: [0.5] } as const;
const INTEGERS = {
  activations: 'uint8',
  calibration: { data: pictures, samples: 12, image, labels: null },
  repair: 'kernels',
} as const;

beforeAll(async () => {
  await exporter.start();
  writeFileSync(conv, convNet());
  writeFileSync(residual, residualNet());
  mkdirSync(pictures);
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % 16, Math.floor(at / 48)];
      return Math.sin(x / (3 + (i % 5))) * Math.cos(y / (4 + (i % 3))) > 0.2 ? 20 : 240;
    });
    writeFileSync(join(pictures, `${i}.png`), encode({ width: 16, height: 16, data, channels: 3 }));
  }
}, 60_000);
afterAll(() => exporter.remove());

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

/** Whether two neighbouring products of a convolution or a matrix [rows, columns] may add up to more than 16 bits. */
function mayOverflow({ node, dims, bytes }: StoredWeight): boolean {
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const group = Number(node.attribute.find(({ name }) => name === 'group')?.i ?? 1n);
  const isConv = node.opType === 'Conv';
  if (isConv && dims[1] === 1 && dims[0] === group) return false;
  const outputs = dims[isConv ? 0 : 1]!;
  const length = codes.length / outputs;
  const inputs = isConv ? dims[1]! : length;
  const code = (output: number, i: number) =>
    isConv
      ? codes[output * length + (i % inputs) * (length / inputs) + Math.floor(i / inputs)]!
      : codes[i * outputs + output]!;
  for (let output = 0; output < outputs; output++)
    for (let i = 0; i + 1 < length; i += 2) {
      const pair = [code(output, i), code(output, i + 1)];
      for (const sign of [1, -1])
        if (255 * pair.reduce((sum, each) => sum + Math.max(0, sign * each), 0) > 2 ** 15 - 1) return true;
    }
  return false;
}

describe('weights', () => {
  it.each([
    ['convolutions', conv],
    ['a residual network', residual],
  ])(
    'of %s that may overflow without VNNI do not where they are written for such CPUs',
    async (_, path) => {
      const plain = await exporter.export(path, { ...INTEGERS, repair: 'off' });
      const before = weightsIn(plain.graph);
      expect(before.filter(mayOverflow).length).toBeGreaterThan(1);
      const { report, graph } = await exporter.export(path, { ...INTEGERS, cpu: 'x64-avx2' });
      const after = weightsIn(graph);
      expect(after).toHaveLength(before.length);
      expect(after.filter((weight) => weight.signed && mayOverflow(weight))).toEqual([]);
      // Those that could not overflow are as they were.
      before.forEach((weight, i) => {
        if (!mayOverflow(weight)) expect(after[i]!.bytes).toEqual(weight.bytes);
      });
      const { exactOutputs, integerKernels, nodes } = report.integers!;
      expect(integerKernels).toBe(nodes);
      const [exact, own] = [
        exactOutputs![0]!.sqnrDb as number,
        report.verification!.outputs[0]!.sqnrDb as number,
      ];
      expect(own).toBeGreaterThan(exact - 1);
      expect(JSON.stringify([report.notes, report.repairs])).toMatch(
        /pairs of neighbouring products in \d+ layers may overflow/,
      );
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
      expect(report.notes.join()).toMatch(/signed codes, whose integer kernels are exact/);
      expect(report.layers.every(({ scheme: named }) => named === scheme)).toBe(true);
    }
  }, 120_000);

  it('compute on this machine what they do exactly', async () => {
    const { report } = await exporter.export(residual, INTEGERS);
    const { exactOutputs } = report.integers!;
    const lost = (exactOutputs![0]!.sqnrDb as number) - (report.verification!.outputs[0]!.sqnrDb as number);
    expect(lost).toBeLessThan(1);
    const said = [...report.notes, ...report.repairs.map(({ note }) => note)].join();
    expect(said).toMatch(
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
