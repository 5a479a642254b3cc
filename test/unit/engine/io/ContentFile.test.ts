import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ContentFile } from '../../../../src/engine/io/ContentFile';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-content-'));
afterAll(() => rmSync(folder, { recursive: true }));

function open(cache: string, options: unknown, files: readonly string[] = []): Promise<ContentFile> {
  return ContentFile.open(join(folder, cache), '.kept', { files, versions: ['1'], options }, () =>
    Promise.resolve(),
  );
}

function file(cache: string): string {
  return join(folder, cache, readdirSync(join(folder, cache))[0]!);
}

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('a file by content', () => {
  it('is found again by what it follows from, wherever that lies', async () => {
    (await open('found', [1], [write('a', 'same'), write('b', 'other')])).write('result');
    const read = async (options: unknown, files: string[]) =>
      (await open('found', options, files)).read()?.toString() ?? null;
    const [moved, b] = [write('moved', 'same'), join(folder, 'b')];
    expect(await read([1], [moved, b])).toBe('result');
    expect(await read([2], [moved, b])).toBeNull();
    expect(await read([1], [b, moved])).toBeNull();
    expect(await read([1], [moved, b, b])).toBeNull();
    expect(await read([1], [write('a', 'sane'), b])).toBeNull();
  });

  it('is not read where a byte of it was changed, or some are missing', async () => {
    for (const damage of [
      (bytes: Buffer) => bytes.fill('9', bytes.length - 2, bytes.length - 1),
      (bytes: Buffer) => bytes.subarray(0, -1),
      (bytes: Buffer) => bytes.subarray(0, 10),
    ]) {
      (await open('damaged', 0)).write('{"sqnrDb":31}');
      expect((await open('damaged', 0)).read()?.toString()).toBe('{"sqnrDb":31}');
      writeFileSync(file('damaged'), damage(readFileSync(file('damaged'))));
      expect((await open('damaged', 0)).read()).toBeNull();
    }
  });

  it('is of the versions that made it', async () => {
    const of = (...versions: string[]) =>
      ContentFile.open(join(folder, 'versions'), '.kept', { files: [], versions, options: 0 }, () =>
        Promise.resolve(),
      );
    (await of('engine 1', 'runtime 1')).write('result');
    expect((await of('engine 1', 'runtime 1')).read()).not.toBeNull();
    expect((await of('engine 2', 'runtime 1')).read()).toBeNull();
    expect((await of('engine 1', 'runtime 2')).read()).toBeNull();
  });

  it('can be none', async () => {
    const none = await ContentFile.open(
      null,
      '.kept',
      { files: ['/no/such/file'], versions: ['1'], options: 0 },
      () => Promise.reject(new Error()),
    );
    none.write('lost');
    expect(none.read()).toBeNull();
  });

  it('stops reading when told to', async () => {
    const files = [write('a', 'much')];
    const stop = () => Promise.reject(new Error('stop'));
    await expect(
      ContentFile.open(folder, '.kept', { files, versions: ['1'], options: 0 }, stop),
    ).rejects.toThrow('stop');
  });
});

describe.skipIf(process.platform === 'win32')('a file by content, to others', () => {
  it('is closed, and so is its folder', async () => {
    (await open('private', 0)).write('result');
    expect(statSync(file('private')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700);
  });

  it('is not read or written through a link', async () => {
    (await open('linked', 0)).write('result');
    const [entry, elsewhere] = [file('linked'), join(folder, 'elsewhere')];
    renameSync(entry, elsewhere);
    symlinkSync(elsewhere, entry);
    expect((await open('linked', 0)).read()).toBeNull();
    const before = readFileSync(elsewhere);
    (await open('linked', 0)).write('another result');
    expect(readFileSync(elsewhere).equals(before)).toBe(true);
    expect((await open('linked', 0)).read()?.toString()).toBe('another result');
    // The name of the temporary file can be guessed.
    symlinkSync(elsewhere, `${entry}.${process.pid}.tmp`);
    (await open('linked', 0)).write('a third');
    expect(readFileSync(elsewhere).equals(before)).toBe(true);
    expect((await open('linked', 0)).read()?.toString()).toBe('a third');
  });

  it('is not waited for if it is a pipe', async () => {
    (await open('pipe', 0)).write('result');
    const entry = file('pipe');
    rmSync(entry);
    execFileSync('mkfifo', [entry]);
    expect((await open('pipe', 0)).read()).toBeNull();
    await expect(open('pipe', 0, [entry])).rejects.toThrow(`${entry} is not a file.`);
    (await open('pipe', 0)).write('anew');
    expect((await open('pipe', 0)).read()?.toString()).toBe('anew');
  });
});

describe('a folder of such files', () => {
  it('does not keep what a killed process was writing', async () => {
    const child = spawnSync(process.execPath, ['-e', '']);
    const [left, running] = [child.pid, process.ppid].map(
      (pid, i) => `quantscope-${String(i).repeat(32)}.kept.${pid}.tmp`,
    ) as [string, string];
    mkdirSync(join(folder, 'leftovers'));
    for (const name of [left, running]) writeFileSync(join(folder, 'leftovers', name), 'half');
    (await open('leftovers', 0)).write('result');
    const names = readdirSync(join(folder, 'leftovers'));
    expect([names.includes(left), names.includes(running), names.length]).toEqual([false, true, 2]);
  });

  it('keeps the latest 64 of a kind, and leaves alone what is not its own', async () => {
    const cache = join(folder, 'many');
    mkdirSync(cache);
    const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
    const foreign = ['notes.kept', `${md5}.kept`, `quantscope-${md5}.json`, md5];
    for (const name of foreign) writeFileSync(join(cache, name), '');
    for (let i = 0; i < 70; i++) {
      const before = new Set(readdirSync(cache));
      (await open('many', i)).write(String(i));
      const written = readdirSync(cache).find((name) => !before.has(name))!;
      // Clocks may be too coarse to tell which came first.
      utimesSync(join(cache, written), 1000 + i, 1000 + i);
    }
    expect(readdirSync(cache)).toHaveLength(64 + foreign.length);
    expect(readdirSync(cache)).toEqual(expect.arrayContaining(foreign));
    const known = await Promise.all(
      Array.from({ length: 70 }, async (_, i) => (await open('many', i)).read()),
    );
    expect(known.map((bytes) => bytes !== null).indexOf(true)).toBe(6);
  });

  it('keeps no more bytes than 256 MiB, with what another process is writing', async () => {
    const cache = join(folder, 'large');
    mkdirSync(cache);
    const old = ['1', '2', '3'].map((digit) => `quantscope-${digit.repeat(32)}.kept`);
    // Of a process that runs.
    old[0] += `.${process.ppid}.tmp`;
    for (const [i, name] of old.entries()) {
      writeFileSync(join(cache, name), '');
      // Sparse: takes no room.
      truncateSync(join(cache, name), 100 * 2 ** 20);
      utimesSync(join(cache, name), 1000 + i, 1000 + i);
    }
    (await open('large', 0)).write('small');
    expect(readdirSync(cache).sort()).toEqual(expect.arrayContaining(old.slice(1)));
    expect(readdirSync(cache)).toHaveLength(3);
  });
});
