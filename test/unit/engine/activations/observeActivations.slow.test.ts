/** Observations of activations are the same whether they are made at once, in parts, or come from the cache. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SampleList } from '../../../../src/engine/data/calibrationSamples';
import { sha256 } from '../../../../src/engine/io/ContentFile';
import { observeActivations } from '../../../../src/engine/activations/observeActivations';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { CancelledError } from '../../../../src/base/rpc';
import { PICTURES, SamplePictures } from '../data/samplePictures';

// One of them is an input of the model, which needs no output.
const TENSORS = ['image', 'conv1.out', 'fc2.out'];
const pictures = new SamplePictures();
beforeEach(() => rmSync(pictures.cache, { recursive: true, force: true }));
afterEach(() => void vi.restoreAllMocks());
afterAll(() => pictures.remove());

interface Options {
  readonly tensors?: readonly string[];
  readonly samples?: SampleList;
  readonly sampleIndices?: readonly number[];
  readonly cache?: string | null;
  readonly step?: (done: number) => void;
}

/** Observations, and the indices of the samples that were read for them. */
async function observe(options: Options = {}) {
  const { tensors = TENSORS, samples = pictures.samples(), cache = pictures.cache } = options;
  const { sampleIndices = Array.from({ length: samples.count }, (_, i) => i) } = options;
  const read: number[] = [];
  const recorded: SampleList = {
    ...samples,
    *read(wanted = []) {
      for (const place of wanted) {
        read.push(place);
        yield* samples.read([place]);
      }
    },
  };
  const observers = await observeActivations(
    readModel(pictures.model),
    tensors,
    { samples: recorded, sampleIndices, cache },
    () => Promise.resolve(),
    (done) => Promise.resolve(options.step?.(done)),
  ).catch((error: unknown) => {
    if (error instanceof CancelledError) return null;
    throw error;
  });
  return { read, states: observers && [...observers].map(([name, { state }]) => [name, state] as const) };
}

const from = (start: number) => Array.from({ length: PICTURES - start }, (_, i) => start + i);
const stopAt = (place: number) => (done: number) => {
  if (done === place) throw new CancelledError();
};
const entry = () => join(pictures.cache, readdirSync(pictures.cache)[0]!);

describe('observations', () => {
  it('are kept, and the model is not run again', async () => {
    const plain = await observe({ cache: null });
    const first = await observe();
    const second = await observe({ step: () => expect.unreachable() });
    expect([plain.read, first.read, second.read]).toEqual([from(0), from(0), []]);
    expect(first.states).toEqual(plain.states);
    expect(second.states).toEqual(plain.states);
    expect(plain.states![0]![1]).toMatchObject({ samples: PICTURES, count: PICTURES * 28 * 28 });
  });

  it.each([1, 4, PICTURES - 1])('that were cancelled after %i samples go on from there', async (k) => {
    const plain = await observe({ cache: null });
    const stopped = await observe({ step: stopAt(k) });
    expect(stopped.states).toBeNull();
    const steps: number[] = [];
    const resumed = await observe({ step: (done) => steps.push(done) });
    expect([resumed.read, steps]).toEqual([from(k), from(k)]);
    expect(resumed.states).toEqual(plain.states);
  });

  it('that were cancelled before the first sample leave nothing', async () => {
    await observe({ step: stopAt(0) });
    expect(() => entry()).toThrow();
  });

  it('go on after a sample that cannot be read, too', async () => {
    const samples = pictures.samples();
    const broken: SampleList = {
      ...samples,
      *read(sampleIndices = []) {
        for (const place of sampleIndices) {
          if (place === 6) throw new Error('The disk was unplugged.');
          yield* samples.read([place]);
        }
      },
    };
    await expect(observe({ samples: broken })).rejects.toThrow('unplugged');
    expect((await observe()).read).toEqual(from(6));
  });

  it('are saved every few seconds, for a process may be ended', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
    let saved: number | null = null;
    await observe({
      step: (done) => {
        if (done === 9)
          saved = (deserialize(readFileSync(entry()).subarray(64)) as { samples: number }).samples;
      },
    });
    expect(saved).toBeGreaterThanOrEqual(5);
    expect(saved).toBeLessThan(9);
  });

  it.each<[string, () => Options]>([
    ['a file has another content of the same size', () => (pictures.paint(3, 99), {})],
    ['a file is another one', () => ({ sampleIndices: [...from(1), 0] })],
    ['there are fewer samples', () => ({ sampleIndices: from(1) })],
    ['pictures become other numbers', () => ({ samples: pictures.samples({ ...grey(), std: [0.5] }) })],
    ['a weight differs in one bit', () => (pictures.changeModel(), {})],
    ['another tensor is observed', () => ({ tensors: [...TENSORS, 'conv2.out'] })],
    ['an input is not observed any more', () => ({ tensors: TENSORS.slice(1) })],
  ])('are made anew where %s', async (_, change) => {
    await observe();
    const options = change();
    const { read, states } = await observe(options);
    expect(read).toEqual(options.sampleIndices ?? from(0));
    expect(states).toEqual((await observe({ ...options, cache: null })).states);
  });

  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['is cut off', (bytes) => bytes.subarray(0, bytes.length - 5000)],
    ['is empty', () => Buffer.alloc(0)],
    ['has a bit that changed', (bytes) => flipped(bytes, bytes.length - 1000)],
    ['claims more samples than its observers saw', (bytes) => rewritten(bytes, { samples: 3 })],
    ['lacks observers', (bytes) => rewritten(bytes, { states: new Map() })],
    ['holds something else', (bytes) => rewritten(bytes, { states: 'none' })],
  ])('are made anew where what was kept %s', async (_, damage) => {
    const { states } = await observe();
    writeFileSync(entry(), damage(readFileSync(entry())));
    const anew = await observe();
    expect(anew.read).toEqual(from(0));
    expect(anew.states).toEqual(states);
    // And that is kept again.
    expect((await observe()).read).toEqual([]);
  });

  it('are made all the same where nothing can be kept', async () => {
    // A file where the folder should be.
    const cache = join(pictures.folder, 'no folder');
    writeFileSync(cache, '');
    expect((await observe({ cache })).states).not.toBeNull();
  });
});

function grey() {
  return pictures.calibration.image;
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 4;
  return bytes;
}

/** With a digest that is right. */
function rewritten(bytes: Buffer, change: object): Buffer {
  const content = serialize({ ...(deserialize(bytes.subarray(64)) as object), ...change });
  return Buffer.concat([Buffer.from(sha256(content)), content]);
}
