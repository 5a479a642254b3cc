import { describe, expect, it } from 'vitest';
import { parseGlob } from '../../../../src/engine/data/glob';
import { UserError } from '../../../../src/base/UserError';

describe('a glob', () => {
  it.each([
    ['*.npy', ['a.npy', 'A.NPY'], ['b/a.npy', 'a.npz', '.a.npy']],
    ['a?.npy', ['a1.npy', 'a😀.npy'], ['a.npy', 'a10.npy']],
    ['**/*.png', ['a.png', 'b/c/a.png'], ['a.jpg', '.b/a.png']],
    ['*/x/**', ['a/x/b', 'a/x/b/c'], ['x/b', 'a/b/x/c']],
    ['img[0-3_].{png,jpg}', ['img2.png', 'img_.jpg'], ['img4.png', 'img2.gif', 'img.png']],
    ['[!a]*', ['b', 'ba'], ['a', 'ab']],
    ['{a,{b,c}d}*', ['a1', 'bd', 'cd2'], ['b1', 'd']],
    ['a[1.npy*', ['a[1.npy'], ['a1.npy']],
    ['\\[1\\]*.npy', ['[1]b.npy'], ['1b.npy']],
    ['*(1).png', ['a(1).png'], ['a1.png']],
    ['.*', ['.hidden'], ['shown']],
    ['{a}*', ['{a}b'], ['ab']],
  ])('%s names files', (pattern, matching, others) => {
    const { matches } = parseGlob(pattern);
    expect([...matching, ...others].filter(matches)).toEqual(matching);
  });

  it('is seen from the folders that it names', () => {
    expect(parseGlob('../data/train/*/[ab].npy')).toMatchObject({ base: '../data/train' });
    expect(parseGlob('/data/x.npy').base).toBe('/data/x.npy');
    expect(parseGlob('*.npy').base).toBe('');
  });

  it('matches in time that its length allows, whatever it is', () => {
    const name = 'a'.repeat(250);
    for (const pattern of [
      '?(*)'.repeat(30),
      'a*'.repeat(200) + 'b',
      '**/'.repeat(100) + 'b',
      '*'.repeat(4000) + 'b',
    ])
      expect(parseGlob(pattern).matches(`${name}/${name}/${name}`)).toBe(false);
  });

  it('that is too much is one sentence', () => {
    expect(() => parseGlob('{a,b}'.repeat(9))).toThrow(UserError);
    expect(() => parseGlob('*'.repeat(5000))).toThrow(/longer than 4096/);
  });
});
