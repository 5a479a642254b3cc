/** Weights with zero points in the integer kernels of real onnxruntime, written either way. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convNet, matrixNet, residualNet } from '../../../fixtures/onnx/integerNets';
import { floatTensor, load } from '../../../fixtures/onnx/runtime';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const NETS = {
  residual: { make: residualNet, dims: [1, 3, 16, 16] },
  conv: { make: convNet, dims: [1, 3, 16, 16] },
  matrix: { make: matrixNet, dims: [2, 3, 6] },
};
const CASES = [
  ['residual', 'uint8/sym'],
  ['residual', 'uint8/tensor'],
  ['conv', 'uint8/sym'],
  ['matrix', 'uint8/sym'],
  ['matrix', 'uint8'],
  ['matrix', 'int8/asym'],
] as const;

function written(name: keyof typeof NETS): string {
  const path = join(exporter.folder, `${name}.onnx`);
  writeFileSync(path, NETS[name].make());
  return path;
}

async function outputOf(path: string, dims: readonly number[]): Promise<Float32Array> {
  const session = await load(readFileSync(path));
  try {
    const results = await session.run({ x: floatTensor(dims) });
    return (results[session.outputNames[0]!] as Tensor).data as Float32Array;
  } finally {
    await session.release();
  }
}

function sqnrDb(reference: Float32Array, values: Float32Array): number {
  const energy = (numbers: Float32Array) => numbers.reduce((sum, value) => sum + value * value, 0);
  return 10 * Math.log10(energy(reference) / energy(reference.map((value, i) => value - values[i]!)));
}

describe('weights with zero points', () => {
  it.each(CASES)('%s as %s compute in integers what their codes stand for', async (net, scheme) => {
    const path = written(net);
    const recipe = { default: scheme, activations: 'uint8', calibration: 'synthetic' } as const;
    const quantizers = await exporter.export(path, recipe);
    const { nodes, integerKernels, exactOutputs, left } = quantizers.report.integers!;
    expect([left, integerKernels]).toEqual([[], nodes]);
    const { sqnrDb: own } = quantizers.report.verification!.outputs[0]!;
    // Roundings alone: nothing saturates, whatever the CPU.
    expect(own).toBeCloseTo(exactOutputs![0]!.sqnrDb as number, 0);
    const operators = await exporter.export(path, { ...recipe, format: 'QOperator' });
    expect(operators.report.integers!.integerKernels).toBe(nodes);
    const { dims } = NETS[net];
    const [expected, found] = [
      await outputOf(quantizers.output, dims),
      await outputOf(operators.output, dims),
    ];
    expect(sqnrDb(expected, found)).toBeGreaterThan(40);
  });

  it('are signed beside signed activations, which kernels take no others with', async () => {
    const recipe = { activations: 'int8', calibration: 'synthetic' } as const;
    const signed = await exporter.export(written('matrix'), { ...recipe, default: 'int8' });
    const unsigned = await exporter.export(written('matrix'), { ...recipe, default: 'uint8/sym' });
    expect(unsigned.report.integers).toMatchObject({ nodes: 4, integerKernels: 4, left: [] });
    expect(readFileSync(unsigned.output).equals(readFileSync(signed.output))).toBe(true);
  });

  it('of convolutions stay float where they differ by channel, and the report says so', async () => {
    const { report } = await exporter.export(written('residual'), {
      ...{ default: 'uint8', activations: 'uint8', calibration: 'synthetic' },
    });
    // All but the classifier at the end.
    expect(report.integers).toMatchObject({ nodes: 1, integerKernels: 1 });
    expect(new Set(report.integers!.left.map(({ reason }) => reason))).toEqual(
      new Set([expect.stringMatching(/^the zero points of its weight differ by channel/) as string]),
    );
  });
});
