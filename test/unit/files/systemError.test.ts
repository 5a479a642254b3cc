import { mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/UserError';
import { explained, explaining } from '../../../src/files/systemError';

const system = (code: string, syscall: string, path?: string) =>
  Object.assign(new Error(`${code}: something, ${syscall}`), { code, syscall, path });

describe('errors of the operating system', () => {
  it.each([
    [
      system('ENOSPC', 'write', '/a'),
      'OUT cannot be written: the disk is full; make room or choose another disk.',
    ],
    [system('EFBIG', 'write'), /^OUT cannot be written: the file would be larger than is allowed there/],
    [system('EMFILE', 'open', '/a'), /^\/a cannot be opened: too many files are open/],
    [system('EACCES', 'mkdir', '/a'), /^\/a cannot be written: permission is denied/],
    [system('EROFS', 'rename', '/a'), /^\/a cannot be written: the disk is read-only/],
    [system('ENOTDIR', 'stat', '/a/b'), /^\/a\/b cannot be found: a part of the path is not a folder/],
  ])('%s is one sentence that says what, where and what to do', (error, sentence) => {
    const said = explained(error, error.path && error.code !== 'ENOSPC' ? undefined : 'OUT');
    expect(said).toBeInstanceOf(UserError);
    expect((said as Error).message).toMatch(sentence);
  });

  it('covers what Node really throws', () => {
    const long = 'x'.repeat(300);
    expect(() => explaining(long, () => mkdirSync(long))).toThrow('the name is too long');
    expect(() => explaining('none', () => openSync('none', 'r'))).toThrow('there is no such file');
    expect(() => explaining('package.json', () => readdirSync('package.json'))).toThrow('not a folder');
    expect(() => explaining('package.json/x', () => statSync('package.json/x'))).toThrow(UserError);
  });

  it('leaves other errors as they are', () => {
    for (const error of [new TypeError('ours'), new UserError('said'), 'text', system('ERR_X', 'open')])
      expect(explained(error, 'OUT')).toBe(error);
  });
});
