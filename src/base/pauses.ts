import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from './rpc';

/** Cancellation gets through, and results go out, at most so often. */
const TURN_MS = 50;

/**
 * A pause for long work: lets messages in from time to time, and throws CancelledError once the job is cancelled.
 * @param turn called each time before messages are let in
 */
export function pauses(signal: AbortSignal, turn: () => void = () => undefined): Pause {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN_MS) return;
    turn();
    await nextTurn();
    last = performance.now();
    if (signal.aborted) throw new CancelledError();
  };
}
/** Called between passes; may wait, and may throw to stop. */
export type Pause = () => Promise<void>;
