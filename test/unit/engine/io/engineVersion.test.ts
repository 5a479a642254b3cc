import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { engineVersion } from '../../../../src/engine/io/engineVersion.mjs';
import { VERSIONS } from '../../../../src/engine/runtime/versions';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-version-'));
beforeAll(() => cpSync('src', folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

it('is that of the sources, wherever they lie', () => {
  expect(engineVersion(folder)).toBe(engineVersion('src'));
  expect(VERSIONS).toContain(engineVersion('src'));
});

it.each([
  'quant/weightError.ts',
  'kernel/assembly/affine.ts',
  'core/scheme/half.ts',
  'engine/io/ContentFile.ts',
])('changes with %s', (name) => {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, `${text}\n`);
  expect(engineVersion(folder)).not.toBe(engineVersion('src'));
  // Nor does a change go unseen that moves text from one file to another.
  const moved = `${file.slice(0, -3)}2.ts`;
  renameSync(file, moved);
  expect(engineVersion(folder)).not.toBe(engineVersion('src'));
  rmSync(moved);
  writeFileSync(file, text);
  expect(engineVersion(folder)).toBe(engineVersion('src'));
});

it('does not change with what computes nothing', () => {
  writeFileSync(join(folder, 'host', 'commands.ts'), '');
  expect(engineVersion(folder)).toBe(engineVersion('src'));
});
