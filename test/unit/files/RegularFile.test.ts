import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/UserError';
import { readRegularFile, RegularFile, withRegularFile } from '../../../src/files/RegularFile';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-regular-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('RegularFile', () => {
  it('reads what a file holds, whole or in part', () => {
    const path = write('plain', 'abcdef');
    expect(readRegularFile(path, 6).toString()).toBe('abcdef');
    const part = new Uint8Array(3);
    withRegularFile(path, (file) => file.read(part, 2));
    expect(Buffer.from(part).toString()).toBe('cde');
  });

  it('says that there is no such file', () => {
    expect(() => RegularFile.open(join(folder, 'none'))).toThrow(
      new UserError(`${join(folder, 'none')} cannot be opened: there is no such file.`),
    );
  });

  it('refuses a folder', () => {
    mkdirSync(join(folder, 'inner'));
    expect(() => RegularFile.open(join(folder, 'inner'))).toThrow(UserError);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a named pipe and a device without waiting for them',
    () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      expect(() => readRegularFile(pipe, 100)).toThrow(new UserError(`${pipe} is not a file.`));
      expect(() => readRegularFile('/dev/zero', 100)).toThrow(new UserError('/dev/zero is not a file.'));
    },
  );

  it.skipIf(process.platform === 'win32')('follows links only where they are allowed', () => {
    const link = join(folder, 'link');
    symlinkSync(write('target', 'xyz'), link);
    expect(readRegularFile(link, 100).toString()).toBe('xyz');
    expect(() => readRegularFile(link, 100, { links: false })).toThrow(/symbolic links .* not allowed/);
  });

  it('refuses a file that is too large', () => {
    expect(() => readRegularFile(write('large', '12345'), 4)).toThrow(UserError);
  });

  it('says that a file became shorter while it was read', () => {
    const path = write('shrinking', '12345678');
    withRegularFile(path, (file) => {
      truncateSync(path, 3);
      expect(() => file.read(new Uint8Array(8), 0)).toThrow(`${path} ends at 3 bytes`);
    });
  });
});
