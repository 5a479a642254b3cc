/** How products by quantized weights are written; that one of them is chosen by time is not told by time here. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toNumber } from '../../../../src/core/measure/Decibels';
import { compareTimes } from '../../../../src/engine/compare/compareTimes';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { bytesOf } from '../../../fixtures/onnx/builder';
import { transformer } from '../../../fixtures/onnx/transformer';
import { Exporter } from './exporter';

const exporter = new Exporter();
let source: string;
beforeAll(async () => {
  await exporter.start();
  source = join(exporter.folder, 'transformer.onnx');
  writeFileSync(source, bytesOf(transformer()));
});
afterAll(() => exporter.remove());

const shapes = { ids: [2, 7] };

it.each([
  ['codes', { MatMulInteger: 0, DequantizeLinear: 13, DynamicQuantizeLinear: 0 }],
  ['float', { MatMulInteger: 0, DequantizeLinear: 0, DynamicQuantizeLinear: 0 }],
  // Q, K and V read the same.
  ['dynamic', { MatMulInteger: 13, DequantizeLinear: 0, DynamicQuantizeLinear: 9 }],
  ['fastest', { MatMulInteger: 0, DequantizeLinear: 13, DynamicQuantizeLinear: 0 }],
] as const)('products by %s', async (products, counts) => {
  const { report, count } = await exporter.export(source, { products, shapes });
  for (const [op, number] of Object.entries(counts)) expect(count(op), op).toBe(number);
  const [logits] = report.verification!.outputs;
  expect(toNumber(logits!.sqnrDb!)).toBeGreaterThan(products === 'dynamic' ? 20 : 28);
  expect(report.layers.map(({ scheme }) => scheme)).not.toContain('float');
});

it('times are one for each model', async () => {
  const { inputs } = readModel(source).inspection.model;
  const fractions: number[] = [];
  const times = await compareTimes([source, source], {
    ...{ source, inputs, shapes, signal: new AbortController().signal },
    progress: (fraction) => fractions.push(fraction),
  });
  expect(times).toHaveLength(2);
  for (const ms of times) expect(ms).toBeGreaterThan(0);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});

it('times of a cancelled export are not waited for', async () => {
  const { inputs } = readModel(source).inspection.model;
  const aborted = compareTimes([source], {
    ...{ source, inputs, shapes, signal: AbortSignal.abort() },
    progress: () => {},
  });
  await expect(aborted).rejects.toThrow();
});
