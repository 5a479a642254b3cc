import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { compareModels, verify } from '../../../../src/engine/compare/verify';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { bytesOf, floats, model, node, ramp, value } from '../../../fixtures/onnx/builder';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-pair-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

function write(name: string, weights: Float32Array): string {
  const path = join(folder, name);
  const proto = model({
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    initializers: [floats('w', [4, 4], weights)],
    inputs: [value('x', [1, 4])],
    outputs: [value('y', [1, 4])],
  });
  writeFileSync(path, bytesOf(proto));
  return path;
}

/** The most models that were loaded at the same time, and how often any was. */
function countLoads() {
  const count = { now: 0, most: 0, loads: 0 };
  const load = RuntimeModel.load.bind(RuntimeModel);
  vi.spyOn(RuntimeModel, 'load').mockImplementation(async (...args) => {
    const loaded = await load(...args);
    count.loads++;
    count.most = Math.max(count.most, ++count.now);
    const release = loaded.release.bind(loaded);
    loaded.release = () => {
      count.now--;
      return release();
    };
    return loaded;
  });
  return count;
}

it('models in turns give what they give together, and are never loaded together', async () => {
  const options = {
    source: write('source.onnx', ramp([4, 4])),
    output: write(
      'output.onnx',
      ramp([4, 4]).map((weight) => weight + 0.01),
    ),
    inputs: [{ name: 'x', elementType: 'float32', shape: [1, 4] }],
    shapes: {},
    signal: new AbortController().signal,
    progress: () => {},
  };
  const count = countLoads();
  const together = await compareModels(options);
  expect(count).toEqual({ now: 0, most: 2, loads: 2 });
  expect(together.samples).toBe(8);
  Object.assign(count, { most: 0, loads: 0 });
  expect(await compareModels({ ...options, inTurns: true })).toEqual(together);
  expect(count).toEqual({ now: 0, most: 1, loads: 2 });
  const verified = (await verify({ ...options, inTurns: true }))!;
  expect(verified.verification.outputs).toEqual(together.outputs);
  expect(count).toMatchObject({ now: 0, most: 1 });
});
