import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/base/rpc';
import { UserError } from '../../../../src/base/UserError';
import { openedWeight } from '../../../../src/engine/models/OpenedModel';
import { openOnThread, type OpeningThread } from '../../../../src/engine/models/openOnThread';
import { OpenModels, readModel, weightOf } from '../../../../src/engine/models/OpenModels';
import { bytesOf, externalTensor, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { startLocalOpening } from '../threads/startLocalThread';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = () => new AbortController().signal;

function write(name: string, side: number): string {
  const path = join(folder, name);
  const weight = floats('w', [side, side]);
  writeFileSync(
    path,
    bytesOf(
      model({
        nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'layer')],
        initializers: [weight],
        inputs: [value('x', [1, side])],
        outputs: [value('y', [1, side])],
      }),
    ),
  );
  return path;
}

/** Counts threads, and how many were ended. */
function counting(thread: () => OpeningThread) {
  const count = { started: 0, ended: 0 };
  const start = (): OpeningThread => {
    count.started++;
    return { ...thread(), end: () => count.ended++ };
  };
  return { count, models: new OpenModels(openOnThread(start)) };
}

describe('a model that is opened', () => {
  it('is what it is in this thread, its weights included, and is opened once', async () => {
    for (const [name, side] of [
      ['small.onnx', 3],
      ['large.onnx', 300],
    ] as const) {
      const path = write(name, side);
      const { count, models } = counting(startLocalOpening);
      const opened = await models.open(path, never());
      const here = readModel(path);
      expect(opened.inspection).toEqual(here.inspection);
      expect(openedWeight(opened, 'layer')).toEqual(weightOf(here, 'layer'));
      expect(openedWeight(opened, 'layer').content instanceof Uint8Array).toBe(side === 3);
      expect(await models.open(path, never())).toBe(opened);
      expect((await models.get(path, never())).inspection).toEqual(here.inspection);
      expect(count).toEqual({ started: 1, ended: 1 });
      expect(() => openedWeight(opened, 'other')).toThrow('The model has no layer "other".');
    }
  });

  it('is opened anew when its file changes, or one beside it', async () => {
    const path = write('changing.onnx', 3);
    const { count, models } = counting(startLocalOpening);
    await models.open(path, never());
    write('changing.onnx', 4);
    expect((await models.open(path, never())).inspection.layers[0]!.shape).toEqual([4, 4]);
    expect(count.started).toBe(2);

    const external = join(folder, 'external.onnx');
    const weight = externalTensor('w', [2, 2], { location: 'w.bin' });
    const nodes = [node('MatMul', ['x', 'w'], 'y', {}, 'layer')];
    writeFileSync(external, bytesOf(model({ nodes, initializers: [weight], outputs: [value('y', [1, 2])] })));
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(16));
    const first = await models.open(external, never());
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(17));
    expect(await models.open(external, never())).not.toBe(first);
  });

  it('is told from others by its name or by how it begins', () => {
    const path = write('named.ONNX', 3);
    expect(readModel(path).layers.size).toBe(1);
    const unnamed = write('unnamed.bin', 3);
    expect(readModel(unnamed).layers.size).toBe(1);
    writeFileSync(unnamed, 'GGUF, or whatever it is\u0000');
    expect(() => readModel(unnamed)).toThrow(/unnamed.bin is not an ONNX model/);
  });
});

describe('a thread that opens a model', () => {
  /** Answers nothing until it is told to fail. */
  function silent() {
    let fail: (error: Error) => void = () => {};
    const thread: OpeningThread = {
      post: () => {},
      listen: () => {},
      end: () => {},
      onError: (listener) => (fail = listener),
    };
    return { thread, fail: (error: Error) => fail(error) };
  }

  it('is given up at once when the job is cancelled, and ends', async () => {
    const { count, models } = counting(() => silent().thread);
    const stop = new AbortController();
    const opening = models.open('m.onnx', stop.signal);
    stop.abort();
    await expect(opening).rejects.toBeInstanceOf(CancelledError);
    expect(count).toEqual({ started: 1, ended: 1 });
    await expect(models.open('m.onnx', stop.signal)).rejects.toBeInstanceOf(CancelledError);
    expect(count.started).toBe(1);
  });

  it('that runs out of memory is one sentence, and no end of the process', async () => {
    const { thread, fail } = silent();
    const { models } = counting(() => thread);
    const opening = models.open('m.onnx', never());
    fail(Object.assign(new Error('out'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }));
    await expect(opening).rejects.toThrow(
      new UserError('m.onnx takes more memory to look at than there is.'),
    );
  });
});
