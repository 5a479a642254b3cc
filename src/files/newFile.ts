/** Files that are written without ever taking the place of another one, or leading through a link to one. */
import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explained, explaining } from './systemError';

/** Error codes of systems where a file cannot have two names: FAT, and some network disks. */
const NO_LINKS: readonly (string | undefined)[] = ['EMLINK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM'];

/**
 * Writes a new file and waits until the disk has it.
 * @throws UserError if the file exists, or cannot be written; nothing is left of it then
 */
export async function writeNewFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw explained(error, path);
  });
  try {
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw explained(error, path);
  }
}

/**
 * Tries whether a folder takes so many bytes, for programs that do not say why they could not write.
 * @throws SystemError if it does not
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const file = join(folder, `room.${randomBytes(4).toString('hex')}.tmp`);
  const block = new Uint8Array(Math.min(bytes, 2 ** 20));
  try {
    await writeNewFile(file, Array<Uint8Array>(Math.ceil(bytes / block.length)).fill(block));
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Moves a file to where there is none.
 * @throws UserError if there is one by now, or it cannot be moved
 */
export function moveToNew(from: string, to: string): void {
  explaining(to, () => {
    try {
      linkSync(from, to);
    } catch (error) {
      if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code)) throw error;
      return reserveAndMove(from, to);
    }
    unlinkSync(from);
  });
}

/** For a moment there is an empty file, which is better than to take the place of another's. */
function reserveAndMove(from: string, to: string): void {
  closeSync(openSync(to, 'wx'));
  try {
    renameSync(from, to);
  } catch (error) {
    unlinkSync(to);
    throw error;
  }
}

/** Moves a file to a place, where it replaces a file or a link. @throws UserError if it cannot */
export function moveOver(from: string, to: string): void {
  explaining(to, () => renameSync(from, to));
}

/**
 * Writes a text; others see all of it or what was there before.
 * @param replace whether an existing file, or link, gives way to it
 * @throws UserError if it exists and is not to be replaced, or cannot be written
 */
export async function writeTextFile(path: string, text: string, replace: boolean): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 100)}.${randomBytes(4).toString('hex')}.tmp`,
  );
  try {
    await writeNewFile(temporary, [Buffer.from(text)]);
    if (replace) moveOver(temporary, path);
    else moveToNew(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
