/**
 * Turns off onnxruntime's usage events, which it begins to collect when its library is loaded: a device id and a database in the user's
 * cache, logs in the temporary folder. The library reads the environment of the process, which only the main thread can change.
 */
import { isMainThread } from 'node:worker_threads';

const SWITCH = 'ORT_DISABLE_TELEMETRY';

if (isMainThread) process.env[SWITCH] = '1';
else if (process.env[SWITCH] !== '1')
  throw new Error(`${SWITCH} must be set by the main thread before a thread loads onnxruntime.`);
