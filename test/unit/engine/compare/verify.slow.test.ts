/** Source and export side by side in real onnxruntime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/base/rpc';
import { compareModels, verify, type VerifyOptions } from '../../../../src/engine/compare/verify';
import type { SampleList } from '../../../../src/engine/data/calibrationSamples';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { toTensor } from '../../../../src/engine/runtime/RuntimeModel';
import { bytesOf, floats, model, node, value } from '../../../fixtures/onnx/builder';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, weights: number[]): string {
  const path = join(folder, `${name}.onnx`);
  const parts = {
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    inputs: [value('x', [1, 2])],
    outputs: [value('y', [1, 2])],
    initializers: [floats('w', [2, 2], weights)],
  };
  writeFileSync(path, bytesOf(model(parts)));
  return path;
}
const SOURCE = written('source', [1, 2, 3, 4]);
const COPY = written('copy', [1, 2, 3, 4]);
const OTHER = written('other', [1, 2, 3, 4.5]);

/** Samples of the input, each of two numbers; labels for all or none. */
function samplesOf(rows: number[][], labels: number[] | null = null): SampleList {
  const all = rows.map(
    (row) => new Map([['x', toTensor({ type: 'float32', shape: [1, 2], data: Float32Array.from(row) })]]),
  );
  return { count: rows.length, read: () => all, labels } as unknown as SampleList;
}

const optionsFor = (output: string, change: Partial<VerifyOptions> = {}): VerifyOptions => ({
  source: SOURCE,
  output,
  inputs: readModel(SOURCE).inspection.model.inputs,
  shapes: {},
  signal: new AbortController().signal,
  progress: () => {},
  ...change,
});

describe('a comparison of two models', () => {
  it('measures no difference of equal models, which is not called exact', async () => {
    const { verification } = (await verify(optionsFor(COPY)))!;
    expect(verification).toMatchObject({ inputs: 'synthetic', samples: 8, shapes: { x: [1, 2] } });
    expect(verification.outputs).toMatchObject([{ name: 'y', sqnrDb: 'equal', compared: 8 }]);
    expect(verification.sourceMs).toBeGreaterThan(0);
  });

  it('measures the noise of another weight on the data', async () => {
    const samples = samplesOf([[0, 2], [2, 0]], [1, 0]); // prettier-ignore
    const { outputs, accuracy, samples: count } = await compareModels(optionsFor(OTHER, { samples }));
    // Outputs [6, 8] for [6, 9], and [2, 4] for both.
    expect(outputs[0]!.sqnrDb).toBeCloseTo(10 * Math.log10((36 + 64 + 4 + 16) / 1), 4);
    expect(count).toBe(2);
    expect(accuracy).toEqual({ source: 0.5, output: 0.5, labelled: 2 });
  });

  it.each([NaN, Infinity])('calls outputs broken that become %d, though both models agree', async (odd) => {
    const samples = samplesOf([[1, 1], [odd, odd]]); // prettier-ignore
    for (const output of [COPY, OTHER]) {
      const { outputs } = await compareModels(optionsFor(output, { samples }));
      expect(outputs[0]!.sqnrDb).toBe('broken');
    }
  });

  it('stops when cancelled', async () => {
    const stop = new AbortController();
    const job = verify(optionsFor(COPY, { signal: stop.signal, progress: () => stop.abort() }));
    await expect(job).rejects.toThrow(CancelledError);
  });
});
