import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requireUnchanged, stampsOf } from '../../../../src/engine/io/fileStamp';

const folder = mkdtempSync(join(tmpdir(), 'quantscope stamp-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'model.onnx');

describe('the stamp of a file', () => {
  it.each([10, 2 ** 25])('of %i bytes is another if the same time and size hide other bytes', (size) => {
    const bytes = Buffer.alloc(size);
    writeFileSync(file, bytes);
    const { atime, mtime } = statSync(file);
    const stamps = stampsOf([file]);
    expect(() => requireUnchanged(stamps)).not.toThrow();
    // In the middle, where no digest looks at large files.
    bytes[size >> 1] = 1;
    writeFileSync(file, bytes);
    utimesSync(file, atime, mtime);
    expect(() => requireUnchanged(stamps)).toThrow(`The file "${file}" was changed while it was exported`);
  });

  it('is none of a file that is gone, or of a folder', () => {
    const stamps = stampsOf([file]);
    rmSync(file);
    expect(() => requireUnchanged(stamps)).toThrow(/there is no such file/);
    expect(() => stampsOf([folder])).toThrow(/is not a file/);
  });
});
