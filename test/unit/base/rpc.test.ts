import { describe, expect, it } from 'vitest';
import { CancelledError, Client, serve, type Handlers, type Port } from '../../../src/base/rpc';
import { UserError } from '../../../src/base/UserError';

interface TestApi {
  double: { params: number; progress: never; result: number };
  count: { params: number; progress: number; result: string };
  wait: { params: null; progress: never; result: null };
  fail: { params: 'user' | 'fault'; progress: never; result: null };
}

const HANDLERS: Handlers<TestApi> = {
  double: (value) => value * 2,
  count: async (to, { progress }) => {
    for (let i = 1; i <= to; i++) progress(i);
    return `counted to ${to}`;
  },
  wait: (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new CancelledError()))),
  fail: (kind) => {
    throw kind === 'user' ? new UserError('The model is bad.') : new TypeError('x is undefined');
  },
};

/** Two ends of a connection that clones what it carries, as every real one does. */
function pair(): [Port, Port] {
  const listeners: ((message: unknown) => void)[] = [];
  const port = (mine: number, other: number): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => listeners[other]!(copy));
    },
    listen: (listener) => (listeners[mine] = listener),
  });
  return [port(0, 1), port(1, 0)];
}

function connect(): Client<TestApi> {
  const [a, b] = pair();
  serve(b, HANDLERS);
  return new Client<TestApi>(a);
}

describe('rpc', () => {
  it('returns results to their callers', async () => {
    const client = connect();
    expect(await Promise.all([client.call('double', 2), client.call('double', 21)])).toEqual([4, 42]);
    expect(client.busy).toBe(false);
  });

  it('reports progress in order, before the result', async () => {
    const seen: number[] = [];
    const result = await connect().call('count', 3, { onProgress: (value) => seen.push(value) });
    expect(seen).toEqual([1, 2, 3]);
    expect(result).toBe('counted to 3');
  });

  it('cancels', async () => {
    const abort = new AbortController();
    const call = connect().call('wait', null, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toBeInstanceOf(CancelledError);
  });

  it('does not start what was cancelled before', async () => {
    const signal = AbortSignal.abort();
    await expect(connect().call('wait', null, { signal })).rejects.toBeInstanceOf(CancelledError);
  });

  it('carries sentences for people as UserError, and faults as Error with their stack', async () => {
    const client = connect();
    await expect(client.call('fail', 'user')).rejects.toEqual(new UserError('The model is bad.'));
    const fault = await client.call('fail', 'fault').catch((error: unknown) => error as Error);
    expect(fault).not.toBeInstanceOf(UserError);
    expect((fault as Error).message).toBe('x is undefined');
    expect((fault as Error).stack).toContain('rpc.test');
  });

  it.each(['nothing', 'constructor', '__proto__', 'toString'])('refuses the method %s', async (method) => {
    const client = connect() as unknown as Client<
      Record<string, { params: null; progress: never; result: null }>
    >;
    await expect(client.call(method, null)).rejects.toThrow('There is no method');
  });

  it('fails all calls of a connection that broke', async () => {
    const client = connect();
    const call = client.call('wait', null);
    client.abandon(new UserError('The process ended.'));
    await expect(call).rejects.toThrow('The process ended.');
    expect(client.busy).toBe(false);
  });
});
