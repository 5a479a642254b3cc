import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../../../../src/engine/io/filesBelow';
import { UserError } from '../../../../src/base/UserError';

const folder = mkdtempSync(join(tmpdir(), 'quantscope walk-'));
afterAll(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, 'deeper', 'folder.npy'), { recursive: true });
writeFileSync(join(folder, 'a.npy'), '');
writeFileSync(join(folder, 'deeper', 'b.npy'), '');

function mayRead(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

describe('files below a folder', () => {
  it('are its files alone, not folders that are named like them', () => {
    expect(filesBelow(folder).sort()).toEqual(['a.npy', join('deeper', 'b.npy')]);
  });

  it('are found once each where links lead in circles', () => {
    symlinkSync('.', join(folder, 'circle'), 'dir');
    symlinkSync('..', join(folder, 'deeper', 'back'), 'dir');
    symlinkSync('itself.npy', join(folder, 'itself.npy'));
    symlinkSync('nothing', join(folder, 'broken.npy'));
    symlinkSync('a.npy', join(folder, 'link.npy'));
    expect(filesBelow(folder).sort()).toEqual(['a.npy', join('deeper', 'b.npy'), 'link.npy']);
  });

  it('are not looked for without end', () => {
    expect(() => filesBelow(folder, { most: 5 })).toThrow(/has more than 5 files and folders/);
  });

  it('leave out a folder that may not be read, which is told of', ({ skip }) => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0);
    // The superuser may read all, and Windows has other rights.
    if (mayRead(closed)) skip();
    const unreadable: string[] = [];
    const files = filesBelow(folder, { onUnreadable: (each) => unreadable.push(each) });
    expect(files).toContain('a.npy');
    expect(unreadable).toEqual([closed]);
  });

  it('of a folder that cannot be read are a sentence', () => {
    expect(() => filesBelow(join(folder, 'a.npy'))).toThrow(UserError);
  });
});
