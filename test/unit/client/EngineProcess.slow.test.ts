import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../../src/client/EngineProcess';
import { CancelledError } from '../../../src/base/rpc';
import { UserError } from '../../../src/base/UserError';

const engine = new EngineProcess({ worker: join(__dirname, '../../fixtures/crashingWorker.cjs') });
const call = (path: string, options = {}) => engine.call('inspect', { path }, options) as Promise<unknown>;
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
afterEach(() => engine.dispose());

describe('EngineProcess', () => {
  it('keeps one process over calls', async () => {
    expect(await call('a')).toBe(await call('b'));
  });

  it('says in one sentence that the process crashed, and starts another', async () => {
    const first = await call('a');
    const waiting = call('wait');
    const crash = call('crash');
    await expect(crash).rejects.toBeInstanceOf(UserError);
    await expect(crash).rejects.toThrow(/^The engine's process ended unexpectedly \(SIGABRT\); most likely/);
    await expect(waiting).rejects.toThrow('ended unexpectedly');
    expect(await call('a')).not.toBe(first);
  });

  it('ends a process that is silent for too long', async () => {
    const pid = (await call('a')) as number;
    await expect(call('wait', { silenceMs: 300 })).rejects.toThrow('onnxruntime did not finish within 0.3 s');
    await engine.dispose();
    expect(isAlive(pid)).toBe(false);
  });

  it('ends a job that does not notice its cancellation within two seconds', async () => {
    const abort = new AbortController();
    const job = call('wait', { signal: abort.signal });
    const start = Date.now();
    abort.abort();
    await expect(job).rejects.toBeInstanceOf(CancelledError);
    expect(Date.now() - start).toBeGreaterThan(1900);
    expect(typeof (await call('a'))).toBe('number');
  });

  it.each([
    ['cancelled', (stop: AbortSignal) => ({ signal: stop }), CancelledError],
    ['silent for too long', () => ({ silenceMs: 2000 }), UserError],
  ] as const)('begins the jobs beside one that was %s anew in another process', async (_, options, error) => {
    const pid = await call('a');
    const beside = call('later');
    const stop = new AbortController();
    const job = call('wait', options(stop.signal));
    stop.abort();
    await expect(job).rejects.toBeInstanceOf(error);
    const other = await beside;
    expect(other).toEqual(expect.any(Number));
    expect(other).not.toBe(pid);
  });

  it('says that it was told to end, and blames no model', async () => {
    const pid = (await call('a')) as number;
    const waiting = call('wait');
    process.kill(pid, 'SIGTERM');
    await expect(waiting).rejects.toThrow("The engine's process was told to end (SIGTERM).");
    const [next, killed] = [(await call('a')) as number, call('wait')];
    process.kill(next, 'SIGKILL');
    await expect(killed).rejects.toThrow(/was killed \(SIGKILL\); most likely memory ran out/);
  });

  it('is gone when disposed', async () => {
    const pid = (await call('a')) as number;
    await engine.dispose();
    expect(isAlive(pid)).toBe(false);
  });
});
