/** A thread that ends the process when its parent is gone, also while the main thread is inside onnxruntime and hears of nothing. */
import { isRunning } from '../files/temporaryFolder';

const INTERVAL_MS = 500;

const parent = process.ppid;
setInterval(() => {
  // An orphan gets another parent, except on Windows.
  if (process.ppid !== parent || !isRunning(parent)) process.kill(process.pid, 'SIGKILL');
}, INTERVAL_MS);
