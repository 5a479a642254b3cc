import { create, toBinary } from '@bufbuild/protobuf';
import { zipSync } from 'fflate';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TensorProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrationSamples } from '../../../../src/engine/data/calibrationSamples';
import { openArray } from '../../../../src/engine/data/openArray';
import { UserError } from '../../../../src/base/UserError';
import { bytesOf, npy } from './readers/npy';
import { DEFAULT_IMAGE } from '../../../../src/core/recipe/calibration';

const folder = mkdtempSync(join(tmpdir(), 'quantscope samples [1]-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Floats as an array, of the shape [1, 1] unless another is given. */
const array = (first: number, shape: readonly number[] = [1, 1], fortran = false) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return npy('<f4', shape, bytesOf(Float32Array.from({ length: count }, (_, i) => first + i)), fortran);
};
const write = (name: string, bytes: Uint8Array | string) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), bytes);
};

for (const name of ['a', 'b']) {
  mkdirSync(join(folder, name, 'deeper'), { recursive: true });
  for (let i = 0; i < 12; i++)
    writeFileSync(join(folder, name, i % 2 === 0 ? 'deeper' : '', `${name}${i}.npy`), array(i));
  writeFileSync(join(folder, name, 'notes.txt'), 'no data');
}

const input = (name: string, shape: (number | string | null)[] = [1, 1]) => ({
  name,
  elementType: 'float32',
  shape,
});
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
    expect(values(find('a/**/a1*.npy').all)).toEqual([1, 11, 10]);
  });

  it('are taken evenly up to the limit', () => {
    expect(values(find('a/*.npy', 3).all)).toEqual([1, 5, 9]);
  });

  it('that are few have one held out all the same, unless there is but one', () => {
    const { observed, heldOut } = find('a/*.npy', 3);
    expect([values(observed), values(heldOut)]).toEqual([[1, 5], [9]]);
    expect(find('a/*.npy', 1)).toMatchObject({ observed: { count: 1 }, heldOut: null });
  });

  it('go in pairs where a model has two inputs', () => {
    const { all } = find({ x: 'a/*.npy', y: 'b/*.npy' }, 2, [input('x'), input('y')]);
    expect([values(all), values(all, 'y')]).toEqual([
      [1, 7],
      [1, 7],
    ]);
    expect(() => find('a', 2, [input('x'), input('y')])).toThrow(
      /2 inputs, but there is no calibration data for "y"/,
    );
  });

  it('that do not fit are named', () => {
    const wide = input('x', [1, 7]);
    expect(() => values(find('a', 2, [wide]).observed)).toThrow(
      /a1\.npy has the shape .*does not fit the input "x"/,
    );
  });

  it.skipIf(process.platform === 'win32')('are never pipes, which would be waited for without end', () => {
    mkdirSync(join(folder, 'pipes'));
    const pipe = (name: string) => execFileSync('mkfifo', [join(folder, 'pipes', name)]);
    for (const name of ['x.npy', 'labels.csv']) pipe(name);
    write('pipes/real.npy', array(7));
    symlinkSync('x.npy', join(folder, 'pipes', 'link.npy'));
    expect(values(find('pipes').all)).toEqual([7]);
    expect(() => find('pipes/x.npy')).toThrow(/no calibration data at pipes\/x\.npy/);
    expect(() => find('pipes', 100, undefined, 'pipes/labels.csv')).toThrow(/no file of labels/);
    expect(() => openArray(join(folder, 'pipes', 'x.npy'), 'x')).toThrow(/is not a file/);
  });

  it('in archives serve all inputs by name', () => {
    mkdirSync(join(folder, 'archives'), { recursive: true });
    for (let i = 0; i < 3; i++)
      writeFileSync(
        join(folder, 'archives', `${i}.npz`),
        zipSync({ 'x.npy': array(i), 'y.npy': array(10 + i) }),
      );
    const { all } = find('archives', 10, [input('x'), input('y')]);
    expect([values(all), values(all, 'y')]).toEqual([
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

  it('are one sentence where the file is none, or has a line that is none, however long', () => {
    const from = (labels: string) => () => find('a', 100, undefined, labels);
    writeFileSync(join(folder, 'odd.csv'), `file,class\n${' '.repeat(100_000)}x\n`);
    expect(from('odd.csv')).toThrow(/Line 2 of odd\.csv is no label/);
    expect(from('.')).toThrow(/no file of labels at \./);
    expect(from('nowhere.csv')).toThrow(/no file of labels at nowhere\.csv/);
  });

  it('of files in folders named by numbers are these numbers', () => {
    for (const name of ['1', '2', '9']) write(`digits/${name}/0.npy`, array(0));
    expect(find('digits', 100, undefined, 'folders').all.labels).toEqual([1, 2, 9]);
    write('digits/x/0.npy', array(0));
    write('digits/none.npy', array(0));
    expect(find('digits', 100, undefined, 'folders').all.labels).toEqual([0, 1, 2, null, 3]);
  });

  it('belong to the file at their path, and then to files of their name', () => {
    for (const name of ['1/a', '2/a', '2/b', 'c']) write(`same/${name}.npy`, array(0));
    write('paths.csv', '1/a.npy,1\n2\\a.npy,2\n./c.npy,3\nelsewhere/b.npy,4\n');
    expect(find('same', 100, undefined, 'paths.csv').all.labels).toEqual([1, 2, 4, 3]);
    // The label of one file is not that of another one of its name.
    write('one.csv', '1/a.npy,1\n');
    expect(find('same', 100, undefined, 'one.csv').all.labels).toEqual([1, null, null, null]);
    write('vague.csv', 'x/1/a.npy,1\nx/2/a.npy,2\n');
    expect(() => find('same', 100, undefined, 'vague.csv')).toThrow(
      /vague\.csv gives "1\/a\.npy" the classes 1 and 2/,
    );
  });

  it('of an array are those of its samples, which it may lie beside', () => {
    write('labelled/X.npy', array(0, [6, 1]));
    write('labelled/y.npy', npy('<i8', [6], bytesOf(BigInt64Array.of(5n, 4n, 3n, 2n, 1n, 0n))));
    const { all, observed, heldOut } = find('labelled', 100, undefined, 'labelled/y.npy');
    expect([values(all), all.labels]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
    ]);
    expect([observed.labels, heldOut!.labels]).toEqual([[5, 4, 3, 2, 0], [1]]);
    write('short.npy', npy('<i8', [2], bytesOf(BigInt64Array.of(5n, 4n))));
    expect(() => find('labelled/X.npy', 100, undefined, 'short.npy')).toThrow(
      'short.npy has 2 labels, but there are 6 samples for "x".',
    );
    write('half.npy', array(0.5, [6]));
    expect(() => find('labelled/X.npy', 100, undefined, 'half.npy')).toThrow(
      'half.npy has the label 0.5; labels are whole numbers from 0.',
    );
  });

  it.each([
    ['none.csv', /There is no file of labels at none\.csv/],
    ['wrong.csv', /Line 2 of wrong\.csv is no label/],
  ])('say what is wrong with the labels %s', (labels, sentence) => {
    writeFileSync(join(folder, 'wrong.csv'), 'a1.npy,1\na2.npy is a cat\n');
    expect(() => find('a', 100, undefined, labels)).toThrow(sentence);
  });
});

describe('an array of many samples', () => {
  const wide = (batch: number | string | null) => [input('x', [batch, 1, 2])];

  it.each([
    ['.npy', array(0, [10, 1, 2])],
    // As first the first, then the second of each row; the values are those of a row-major array.
    [
      '.npy',
      npy(
        '<f4',
        [10, 1, 2],
        bytesOf(Float32Array.from([0, 1].flatMap((k) => Array.from({ length: 10 }, (_, i) => 2 * i + k)))),
        true,
      ),
    ],
    ['.npz', zipSync({ 'x.npy': array(0, [10, 1, 2]) })],
    ['.npz', zipSync({ 'x.npy': array(0, [10, 1, 2]) }, { level: 0 })],
    [
      '.pb',
      toBinary(
        TensorProtoSchema,
        create(TensorProtoSchema, {
          dataType: 1,
          dims: [10n, 1n, 2n],
          floatData: Array.from({ length: 20 }, (_, i) => i),
        }),
      ),
    ],
  ])('in %s is one for each row, every fifth held out', (extension, bytes) => {
    write(`many/X_calib${extension}`, bytes);
    for (const batch of [1, 'batch', null]) {
      const { all, observed, heldOut } = find(`many/X_calib${extension}`, 100, wide(batch));
      expect(values(all)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      expect([observed.count, values(heldOut)]).toEqual([8, [8, 18]]);
      const { dims, data } = all.readInput(7, 'x');
      expect([dims, [...(data as Float32Array)]]).toEqual([
        [1, 1, 2],
        [14, 15],
      ]);
      expect(all.files([1, 2])).toEqual([0, 0].map(() => join(folder, 'many', `X_calib${extension}`)));
      expect(all.options([1, 2])).toMatchObject({ rows: [[1], [2]] });
    }
  });

  it('is one sample where the model takes them together', () => {
    write('batch.npy', array(0, [10, 1, 2]));
    const { all } = find('batch.npy', 100, wide(10));
    expect([all.count, all.readInput(0, 'x').dims]).toEqual([1, [10, 1, 2]]);
    // A sound has one dimension, and is no list of samples; numbers by batch are one.
    expect(find('batch.npy', 100, [input('x', ['length'])]).all.count).toBe(1);
    write('numbers.npy', array(0, [10]));
    expect(find('numbers.npy', 100, [input('x', ['length'])]).all.count).toBe(1);
    expect(find('numbers.npy', 100, [input('x', ['batch_size'])]).all.count).toBe(10);
  });

  it('lies beside others, of other numbers of rows', () => {
    write('mixed/1.npy', array(0, [3, 1]));
    write('mixed/2.npy', array(10, [1]));
    write('mixed/3.npy', array(20, [2, 1]));
    const { all } = find('mixed', 100, [input('x', ['N', 1])]);
    expect(values(all)).toEqual([0, 1, 2, 10, 20, 21]);
    expect(all.files([2, 3, 5])).toHaveLength(3);
  });

  it('is read by the bytes of its rows', () => {
    // More than is read of a file at once; it has holes.
    const header = npy('<f4', [3 * 2 ** 17, 1024], new Uint8Array(0));
    write('sparse.npy', header);
    truncateSync(join(folder, 'sparse.npy'), header.length + 3 * 2 ** 29);
    const { all } = find('sparse.npy', 5, [input('x', ['N', 1024])]);
    expect([all.count, [...all.read()].length]).toEqual([5, 5]);
  });

  it('makes samples with those of other inputs as far as all have some, and says so', () => {
    write('ids.npy', array(0, [6, 1]));
    write('masks.npy', array(10, [4, 1]));
    const inputs = [input('ids'), input('masks')];
    const samples = find({ ids: 'ids.npy', masks: 'masks.npy' }, 100, inputs);
    expect(values(samples.all, 'masks')).toEqual([10, 11, 12, 13]);
    expect(values(samples.all, 'ids')).toEqual([0, 1, 2, 3]);
    expect(samples.notes).toEqual([
      'The inputs have unequal numbers of samples (6 for "ids", 4 for "masks"); those beyond the first 4 are left out.',
    ]);
    expect(find({ ids: 'ids.npy', masks: 'ids.npy' }, 100, inputs).notes).toEqual([]);
    write('both.npz', zipSync({ 'ids.npy': array(0, [6, 1]), 'masks.npy': array(10, [6, 1]) }));
    expect(values(find('both.npz', 100, inputs).all, 'masks')).toEqual([10, 11, 12, 13, 14, 15]);
  });

  it('is cut along the axis that the model names, wherever that is', () => {
    write('middle.npy', array(0, [2, 5, 3]));
    const { all } = find('middle.npy', 100, [input('x', ['time', 'batch', 3])]);
    expect(all.count).toBe(5);
    const { dims, data } = all.readInput(1, 'x');
    // Element (i, j, k) is 15 i + 3 j + k.
    expect([dims, [...(data as Float32Array)]]).toEqual([
      [2, 1, 3],
      [3, 4, 5, 18, 19, 20],
    ]);
  });

  it('of frames is one sample, which is said', () => {
    for (const frames of [4, 6]) write(`frames/${frames}.npy`, array(0, [frames, 10]));
    const { all, batch } = find('frames', 100, [input('x', ['frames', 10])]);
    expect([...all.read()].map((sample) => sample.get('x')!.dims)).toEqual([
      [4, 10],
      [6, 10],
    ]);
    expect(batch).toBe('Each array for "x" [frames, 10] is one sample.');
  });

  it('of text goes to an input of text, and to no other', () => {
    const words = npy('<U2', [2, 1], bytesOf(Uint32Array.of(97, 0, 98, 99)));
    write('words.npy', words);
    const text = { ...input('x', ['N', 1]), elementType: 'string' };
    const { all } = find('words.npy', 100, [text]);
    expect([...all.read()].map((sample) => sample.get('x')!.data)).toEqual([['a'], ['bc']]);
    expect(() => values(find('words.npy').all)).toThrow(
      /words\.npy holds text, but the input "x" takes float32/,
    );
    expect(() => values(find('ids.npy', 100, [text]).all)).toThrow(
      /ids\.npy holds numbers, but .* takes string/,
    );
  });

  it('that is damaged is one sample, of which it is said', () => {
    write('damaged.npy', array(0, [10, 1]).subarray(0, 30));
    const { all } = find('damaged.npy');
    expect(all.count).toBe(1);
    expect(() => values(all)).toThrow(UserError);
  });
});
