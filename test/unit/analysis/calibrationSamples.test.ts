import { zipSync } from 'fflate';
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
const find = (
  data: string | Record<string, string>,
  samples = 100,
  inputs = [input('x')],
  labels: string | null = null,
) => calibrationSamples({ data, samples, image: DEFAULT_IMAGE, labels }, join(folder, 'm.onnx'), inputs, {});
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

  it('in archives serve all inputs by name', () => {
    mkdirSync(join(folder, 'archives'), { recursive: true });
    for (let i = 0; i < 3; i++)
      writeFileSync(
        join(folder, 'archives', `${i}.npz`),
        zipSync({ 'x.npy': array(i), 'y.npy': array(10 + i) }),
      );
    const { observed } = find('archives', 10, [input('x'), input('y')]);
    expect([values(observed), values(observed, 'y')]).toEqual([
      [0, 1, 2],
      [10, 11, 12],
    ]);
  });

  it('have the labels of a file, or of their folders', () => {
    writeFileSync(join(folder, 'labels.csv'), 'file,class\na1.npy,7\n"deeper/a2.npy", 3\n');
    const { all } = find('a', 100, undefined, 'labels.csv');
    const of = (name: string) =>
      all.labels![all.files(all.labels!.map((_, i) => i)).findIndex((file) => file.endsWith(name))];
    expect([of('a1.npy'), of('a2.npy'), of('a3.npy')]).toEqual([7, 3, null]);
    // Lists of some samples have theirs.
    const { observed } = find('a', 100, undefined, 'labels.csv');
    expect(observed.labels!.slice(0, 2)).toEqual([7, null]);
    const folders = ['nine', 'cat'].map((name) => join(folder, 'classes', name));
    for (const [i, path] of folders.entries()) {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, '0.npy'), array(i));
    }
    const { all: classes } = find('classes', 100, undefined, 'folders');
    expect([...classes.read()].map((sample) => (sample.get('x')!.data as Float32Array)[0])).toEqual([1, 0]);
    expect(classes.labels).toEqual([0, 1]);
  });

  it.each([
    ['none.csv', /There is no file of labels at none\.csv/],
    ['wrong.csv', /Line 2 of wrong\.csv is no label/],
  ])('say what is wrong with the labels %s', (labels, sentence) => {
    writeFileSync(join(folder, 'wrong.csv'), 'a1.npy,1\na2.npy is a cat\n');
    expect(() => find('a', 100, undefined, labels)).toThrow(sentence);
  });
});
