/** Exports whose activation ranges are chosen by their effect. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toNumber } from '../../../../src/core/measure/Decibels';
import { calibrationOf } from '../../../../src/core/recipe/calibration';
import type { Recipe } from '../../../../src/core/recipe/recipe';
import { digitPictures } from '../../../fixtures/digitPictures.mjs';
import { Exporter } from './exporter';

const MNIST = 'test/mnist/mnist.onnx';
const exporter = new Exporter();
let recipe: Partial<Recipe>;

beforeAll(async () => {
  await exporter.start();
  await digitPictures(exporter.folder, 40);
  const calibration = calibrationOf({ data: join(exporter.folder, 'digits'), image: { channels: 'grey' } });
  recipe = { activations: 'uint8', calibration, repair: 'ranges' };
}, 60_000);
afterAll(() => exporter.remove());

describe('repaired ranges', () => {
  it('are kept if outputs are better on samples that they do not follow from, and told of', async () => {
    const plain = await exporter.export(MNIST, { ...recipe, repair: 'off' });
    const { report, output } = await exporter.export(MNIST, recipe);
    const [repair, ...others] = report.repairs;
    expect(others).toEqual([]);
    expect(repair).toMatchObject({ pass: 'ranges', kept: true });
    expect(repair!.changed).toBeGreaterThan(0);
    expect(repair!.changed).toBeGreaterThanOrEqual(report.integers!.ranges!.length);
    expect(toNumber(repair!.after)).toBeGreaterThan(toNumber(repair!.before));
    for (const { readersGainDb } of report.integers!.ranges!) expect(readersGainDb).not.toBe(0);
    expect(report.integers).toMatchObject({ samples: plain.report.integers!.samples, left: [] });
    expect(readFileSync(output).equals(readFileSync(plain.output))).toBe(false);
  }, 60_000);

  it('are the same bytes each time', async () => {
    const cache = join(exporter.folder, 'cache');
    const first = await exporter.export(MNIST, recipe);
    const second = await exporter.export(MNIST, recipe, true, cache);
    const third = await exporter.export(MNIST, recipe, false, cache);
    for (const { output } of [second, third])
      expect(readFileSync(output).equals(readFileSync(first.output))).toBe(true);
    expect(third.report.repairs).toEqual(first.report.repairs);
  }, 60_000);

  it('are of the layers that are to be repaired, and not of those with a range of the user', async () => {
    const layers = (await exporter.export(MNIST, recipe)).report.integers!.layers;
    const first = layers[0]!;
    const one = await exporter.export(MNIST, {
      ...recipe,
      repair: 'off',
      layerRepair: { [first]: 'ranges' },
    });
    const own = await exporter.export(MNIST, {
      ...recipe,
      layerActivations: Object.fromEntries(layers.map((layer) => [layer, 'mse'])),
    });
    const tried = ({ report }: typeof own) => report.repairs[0]?.tried ?? 0;
    expect(tried(one)).toBeGreaterThan(0);
    expect(tried(one)).toBeLessThan(layers.length);
    // The last layer's result is no layer's input, and so has no range of the user's.
    expect(tried(own)).toBe(1);
    expect(own.report.integers!.ranges).toEqual([]);
  }, 60_000);

  it('come after results of matrix products that stay float, which integer kernels still compute', async () => {
    const { report, graph } = await exporter.export(MNIST, recipe);
    const { nodes, integerKernels } = report.integers!;
    expect(integerKernels).toBe(nodes);
    const quantized = new Set(
      graph.node.filter(({ opType }) => opType === 'QuantizeLinear').map(({ input }) => input[0]),
    );
    const last = graph.node.find(({ output }) => output[0] === graph.output[0]!.name)!;
    expect(last.opType).not.toBe('DequantizeLinear');
    expect(last.output.some((name) => quantized.has(name))).toBe(false);
    // Operators on integers have integer results.
    const operators = await exporter.export(MNIST, { ...recipe, format: 'QOperator' });
    expect(operators.report.repairs[0]!.note ?? '').not.toContain('stay float');
    expect(operators.report.integers!.integerKernels).toBe(nodes);
  }, 60_000);
});
