/**
 * Folders for what is only needed while a job runs. Their names say which process made them, so that the next one can remove what a
 * process that was killed has left.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { explained } from './systemError';

/** Of this machine: on a shared disk, other machines have processes with the same ids. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const NAME = /^\.quantscope-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/**
 * Makes a folder that nobody else may look into, as there are copies of models in it, and removes it in the end, whatever happens.
 * @param parent where it is made; left-overs there are removed first
 * @throws UserError if it cannot be made, and what `use` throws
 */
export async function inTemporaryFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  removeLeftovers(parent);
  const name = `.quantscope-${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const folder = join(parent, name);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw explained(error, parent);
  }
  try {
    return await use(folder);
  } finally {
    remove(folder);
  }
}

/** Removes the folders that processes of this machine and user made in `parent` and did not live to remove. */
export function removeLeftovers(parent: string): void {
  for (const name of namesIn(parent)) {
    const [, host, owner] = NAME.exec(name) ?? [];
    if (host === HOST && !isRunning(Number(owner)) && isOurs(join(parent, name))) remove(join(parent, name));
  }
}

/** Whether there is a process of this id, which may be another one by now. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid);
  } catch (error) {
    // EPERM: another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether a process has ended and nobody has asked how, as nobody ever does in some containers; proc(5). */
function isZombie(pid: number): boolean {
  try {
    return process.platform === 'linux' && /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Whoever wants to use it is told why.
    return [];
  }
}

/** Not what a link leads to, nor what others have put into a folder of all users. */
function isOurs(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isDirectory() === true && (process.getuid === undefined || status.uid === process.getuid());
}

function remove(folder: string): void {
  try {
    // A program that scans for viruses may hold a file for a moment.
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next process tries again.
  }
}
