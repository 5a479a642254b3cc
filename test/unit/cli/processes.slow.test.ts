import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HANG, writeModel } from './badModels';
import { MODELS, quantscope, scratch } from './runCli';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** An export that hangs in onnxruntime for ever, in a process group of its own. */
async function hanging() {
  const folder = scratch();
  const model = writeModel(folder, 'hang.onnx', HANG);
  const child = spawn(process.execPath, ['dist/cli.js', 'quantize', model, '-o', join(folder, 'o.onnx')], {
    detached: true,
  });
  started.push(child);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // The model is there once it is about to be run.
  const temporary = await until(() => readdirSync(folder).find((name) => name.endsWith('.tmp')));
  await until(() => existsSync(join(folder, temporary, 'export', 'o.onnx')));
  await delay(500);
  const worker = childOf(child.pid!);
  return { child, folder, temporary: join(folder, temporary), worker, ended, said: () => stderr };
}

async function until<T>(condition: () => T | undefined | false): Promise<T> {
  for (;;) {
    const result = condition();
    if (result !== undefined && result !== false) return result;
    await delay(50);
  }
}

function childOf(parent: number): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
  const found = lines.map((line) => line.trim().split(/\s+/).map(Number)).find(([, ppid]) => ppid === parent);
  return found![0]!;
}

function isRunning(pid: number): boolean {
  try {
    // A process that ended and was not waited for, which is all that a container may have, is in state Z.
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
      .toString()
      .trim()
      .startsWith('Z');
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === 'win32')('processes', () => {
  it('the worker ends itself when its parent was killed, also inside a run; what it left is removed later', async () => {
    const { child, folder, temporary, worker } = await hanging();
    child.kill('SIGKILL');
    await until(() => !isRunning(worker));
    expect(existsSync(temporary)).toBe(true);
    await quantscope('quantize', MODELS.vad, '-o', join(folder, 'o.onnx'), '--no-verify');
    expect(readdirSync(folder).sort()).toEqual(['hang.onnx', 'o.onnx']);
  }, 60_000);

  it('nobody else may look into the temporary folder', async () => {
    const { temporary } = await hanging();
    expect(statSync(temporary).mode & 0o777).toBe(0o700);
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s to the whole group is no crash of the model',
    async (signal) => {
      const { child, folder, ended, said } = await hanging();
      process.kill(-child.pid!, signal);
      expect(await ended).toBe(1);
      expect(said()).toMatch(
        /^quantscope: (Cancelled\.|The engine's process was told to end \(SIG\w+\)\.)\n$/,
      );
      expect(readdirSync(folder)).toEqual(['hang.onnx']);
      rmSync(folder, { recursive: true });
    },
    60_000,
  );
});
