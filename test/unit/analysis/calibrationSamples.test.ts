import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrationSamples } from '../../../src/analysis/calibrationSamples';
import { DEFAULT_IMAGE } from '../../../src/shared/calibration';

const folder = mkdtempSync(join(tmpdir(), 'quantscope samples [1]-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One float32 of the value `number`, in the shape [1, 1]. */
function array(number: number): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n`;
  const value = new Uint8Array(Float32Array.of(number).buffer);
  return Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    header.length,
    0,
    ...Buffer.from(header),
    ...value,
  ]);
}

for (const name of ['a', 'b']) {
  mkdirSync(join(folder, name, 'deeper'), { recursive: true });
  for (let i = 0; i < 12; i++)
    writeFileSync(join(folder, name, i % 2 === 0 ? 'deeper' : '', `${name}${i}.npy`), array(i));
  writeFileSync(join(folder, name, 'notes.txt'), 'no data');
}

const input = (name: string) => ({ name, elementType: 'float32', shape: [1, 1] });
const find = (data: string | Record<string, string>, samples = 100, inputs = [input('x')]) =>
  calibrationSamples({ data, samples, image: DEFAULT_IMAGE }, join(folder, 'm.onnx'), inputs, {});
const values = (list: ReturnType<typeof find>['observed'] | null, name = 'x') =>
  list && [...list.read()].map((sample) => (sample.get(name)!.data as Float32Array)[0]);

describe('calibration files', () => {
  it('are found below a folder, in natural order, every fifth held out', () => {
    const { observed, heldOut } = find('a');
    // Files of the folder itself are a1 to a11, those of the one below a0 to a10.
    expect(values(observed)).toEqual([1, 3, 5, 7, 11, 0, 2, 4, 8, 10]);
    expect(values(heldOut)).toEqual([9, 6]);
    expect(new Set([...values(observed)!, ...values(heldOut)!]).size).toBe(12);
  });

  it('are those that a glob names', () => {
    expect(values(find('a/*.npy').observed)).toEqual([1, 3, 5, 7, 11]);
    expect(values(find('a/**/a1*.npy').observed)).toEqual([1, 11, 10]);
  });

  it('are taken evenly up to the limit', () => {
    const { observed, heldOut } = find('a/*.npy', 3);
    expect(values(observed)).toEqual([1, 5, 9]);
    expect(heldOut).toBeNull();
  });

  it('go in pairs where a model has two inputs', () => {
    const { observed } = find({ x: 'a/*.npy', y: 'b/*.npy' }, 2, [input('x'), input('y')]);
    expect([values(observed), values(observed, 'y')]).toEqual([
      [1, 7],
      [1, 7],
    ]);
    expect(() => find('a', 2, [input('x'), input('y')])).toThrow(
      /2 inputs, but there is no calibration data for "y"/,
    );
  });

  it('that do not fit are named', () => {
    const wide = { ...input('x'), shape: [1, 7] };
    expect(() => values(find('a', 2, [wide]).observed)).toThrow(
      /a1\.npy has the shape .*does not fit the input "x"/,
    );
  });
});
