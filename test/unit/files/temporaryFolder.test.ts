import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inTemporaryFolder, isRunning, removeLeftovers } from '../../../src/files/temporaryFolder';

const parent = mkdtempSync(join(tmpdir(), 'quantscope-leftovers-'));
afterAll(() => rmSync(parent, { recursive: true }));

/** A folder as a process of some id would have left it. */
async function leftBy(pid: number, change: (name: string) => string = (name) => name): Promise<string> {
  const kept = join(parent, 'kept');
  const name = await inTemporaryFolder(parent, async (folder) => {
    writeFileSync(join(folder, 'model.onnx'), 'weights');
    renameSync(folder, kept);
    return Promise.resolve(basename(folder));
  });
  const left = join(parent, change(name.replace(`-${process.pid}-`, `-${pid}-`)));
  renameSync(kept, left);
  return left;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('temporary folders', () => {
  it('are for their owner alone, and gone afterwards, also after a failure', async () => {
    let seen = '';
    const job = inTemporaryFolder(parent, (folder) => {
      seen = folder;
      if (process.platform !== 'win32') expect(statSync(folder).mode & 0o777).toBe(0o700);
      writeFileSync(join(folder, 'model.onnx'), 'weights');
      return Promise.reject(new Error('failed'));
    });
    await expect(job).rejects.toThrow('failed');
    expect([seen === '', existsSync(seen)]).toEqual([false, false]);
  });

  it('of a process that is gone are removed by the next one', async () => {
    const left = await leftBy(await deadPid());
    await inTemporaryFolder(parent, () => Promise.resolve());
    expect(existsSync(left)).toBe(false);
  });

  it('of a process that runs stay, and of another machine', async () => {
    const running = await leftBy(process.ppid);
    const elsewhere = await leftBy(await deadPid(), (name) => name.replace(/-[0-9a-f]{8}-/, '-00000000-'));
    removeLeftovers(parent);
    expect([running, elsewhere].map((path) => existsSync(path))).toEqual([true, true]);
  });

  it.skipIf(process.platform === 'win32')('that are links, files or of other names stay', async () => {
    const dead = await deadPid();
    const left = await leftBy(dead);
    const name = basename(left);
    mkdirSync(join(parent, 'target'));
    writeFileSync(join(parent, 'target', 'precious'), '');
    rmSync(left, { recursive: true });
    symlinkSync(join(parent, 'target'), left);
    const file = join(parent, name.replace(/[0-9a-f]{8}\.tmp$/, '00000000.tmp'));
    writeFileSync(file, '');
    mkdirSync(join(parent, `${name}x`));
    removeLeftovers(parent);
    expect(readdirSync(join(parent, 'target'))).toEqual(['precious']);
    expect([left, file, join(parent, `${name}x`)].map((path) => existsSync(path))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.skipIf(process.platform !== 'linux')('a process that ended and was not waited for does not run', () => {
    // The shell becomes a program that does not wait for its children.
    const script = 'sh -c "echo \\$\\$" & exec sleep 3';
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    return new Promise<void>((resolve) => {
      child.stdout.once('data', (text: Buffer) => {
        const pid = Number(text.toString());
        const wait = setInterval(() => {
          const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
            .toString()
            .trim();
          if (!state.startsWith('Z')) return;
          clearInterval(wait);
          expect(isRunning(pid)).toBe(false);
          child.kill();
          resolve();
        }, 20);
      });
    });
  });

  it('cannot be made where there is no folder, in one sentence', async () => {
    const nowhere = join(parent, 'none');
    const job = inTemporaryFolder(nowhere, () => Promise.resolve());
    await expect(job).rejects.toThrow(`${nowhere} cannot be written: there is no such file.`);
  });
});
