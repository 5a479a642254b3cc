import { fileState } from '../../../../src/engine/io/fileStamp';
/** Weights that stay in their file are the same as those in memory, whatever is read of them at once. */
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/base/UserError';
import type { FileRange } from '../../../../src/engine/io/FileRange';
import { readRows, type Panel } from '../../../../src/engine/weights/readRows';
import type { Weight } from '../../../../src/engine/weights/Weight';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OFFSET = 12;
/** Numbers of float32; more than are read at once where `large`. */
function weightIn(name: string, layout: Weight['layout']): { file: Weight; memory: Uint8Array } {
  const count = layout.outer * layout.channels * layout.inner;
  const floats = Float32Array.from({ length: count }, (_, i) => i);
  const path = join(folder, name);
  const memory = new Uint8Array(floats.buffer);
  writeFileSync(path, Buffer.concat([new Uint8Array(OFFSET), memory, new Uint8Array(8)]));
  const content: FileRange = {
    path,
    offset: OFFSET,
    length: memory.length,
    stamp: fileState(path),
  };
  return { file: { elementType: 'float32', layout, content }, memory };
}

/** One row of a panel, as [outer][inner] bytes. */
function rowOf({ layout }: Weight, { row: first, rows, bytes }: Panel, row: number): Uint8Array {
  const size = layout.inner * 4;
  return Buffer.concat(
    Array.from({ length: layout.outer }, (_, o) => {
      const start = (o * rows + row - first) * size;
      return bytes.subarray(start, start + size);
    }),
  );
}

describe.each([
  ['rows of a matrix', { outer: 1, channels: 3000, inner: 3000 }],
  ['columns of a matrix', { outer: 3000, channels: 3000, inner: 1 }],
  ['filters in the middle', { outer: 30, channels: 3000, inner: 100 }],
  ['few channels, larger than what is read at once', { outer: 2, channels: 3, inner: 5_000_000 }],
  ['a small matrix', { outer: 7, channels: 5, inner: 3 }],
])('%s', (name, layout) => {
  const { file, memory } = weightIn(name, layout);
  const inMemory: Weight = { ...file, content: memory };

  it('are the same from the file', () => {
    const step = Math.max(1, Math.floor(layout.channels / 11));
    let panel: Panel | null = null;
    for (let row = 0; row < layout.channels; row += step) {
      panel = readRows(file, row, 1, panel);
      const expected = rowOf(inMemory, readRows(inMemory, row, 1, null), row);
      expect(Buffer.compare(rowOf(file, panel, row), expected)).toBe(0);
    }
  });

  it('are read in parts of bounded size', () => {
    const rowBytes = layout.outer * layout.inner * 4;
    const { bytes, rows } = readRows(file, layout.channels - 1, 1, null);
    expect(bytes.length).toBeLessThanOrEqual(Math.max(2 ** 25, rowBytes));
    expect(bytes.length).toBe(rows * rowBytes);
  });
});

it('a file that changed is not read, though it has the same size and time: its bytes may be anything', () => {
  const { file } = weightIn('changed', { outer: 1, channels: 2, inner: 2 });
  const { path } = file.content as FileRange;
  const { size, atime, mtime } = statSync(path);
  writeFileSync(path, new Uint8Array(size));
  utimesSync(path, atime, mtime);
  expect(() => readRows(file, 0, 1, null)).toThrow(
    new UserError(`The file "${path}" was changed while it was worked on; open it again.`),
  );
});
