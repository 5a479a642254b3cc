import { beforeEach, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/base/rpc';
import { LatestRequest } from '../../../../webview/app/LatestRequest';

interface Call {
  readonly request: number;
  readonly signal: AbortSignal;
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** Requests from a hundred on take long. */
const LONG = 100;

let calls: Call[];
let answers: string[];
let failures: string[];
let latest: LatestRequest<number, string>;

/** Lets promises that are settled be noticed. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

beforeEach(() => {
  calls = [];
  answers = [];
  failures = [];
  latest = new LatestRequest({
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new CancelledError()));
        calls.push({
          request,
          signal,
          answer: () => (resolve(`answer ${request}`), settle()),
          fail: (error) => (reject(error), settle()),
        });
      }),
    isLong: (request) => request >= LONG,
    answered: (request, answer) => answers.push(`${request}: ${answer}`),
    failed: (request, error) => failures.push(`${request}: ${error.message}`),
  });
});

it('has one request under way, then the newest', async () => {
  for (const request of [1, 2, 3, 4]) latest.ask(request);
  expect(calls.map(({ request }) => request)).toEqual([1]);
  await calls[0]!.answer();
  expect(calls.map(({ request }) => request)).toEqual([1, 4]);
  await calls[1]!.answer();
  expect(answers).toEqual(['1: answer 1', '4: answer 4']);
  expect(calls).toHaveLength(2);
});

it('lets a short request end, and cancels a long one', async () => {
  latest.ask(1);
  latest.ask(2);
  expect(calls[0]!.signal.aborted).toBe(false);
  await calls[0]!.answer();
  await calls[1]!.answer();
  latest.ask(LONG);
  latest.ask(3);
  await settle();
  expect(calls[2]!.signal.aborted).toBe(true);
  await calls[3]!.answer();
  expect(answers).toEqual(['1: answer 1', '2: answer 2', '3: answer 3']);
  expect(failures).toEqual([]);
});

it('goes on after a failure', async () => {
  latest.ask(1);
  latest.ask(2);
  await calls[0]!.fail(new Error('No.'));
  await calls[1]!.answer();
  expect(failures).toEqual(['1: No.']);
  expect(answers).toEqual(['2: answer 2']);
});
