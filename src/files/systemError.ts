/** The one place that puts errors of the operating system into words. */
import { UserError } from '../base/UserError';

/** Why, and what to do, by error code (errno(3)). */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied; check who may read or write there',
  EAGAIN: 'too many programs are running; close some',
  EBUSY: 'another program is using it; close that and try again',
  EDQUOT: 'your disk quota is used up; make room or choose another disk',
  EEXIST: 'it exists already; choose another name',
  EFBIG: 'the file would be larger than is allowed there; raise the limit (ulimit -f) or choose another disk',
  EIO: 'the disk reports an error; check it or choose another one',
  EISDIR: 'it is a folder; name a file',
  ELOOP: 'symbolic links lead in a circle, or are not allowed there; name the file itself',
  EMFILE: 'too many files are open; raise the limit (ulimit -n) or close something',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  ENFILE: 'too many files are open on this system; close some programs',
  ENODEV: 'it is not a file; name one',
  ENOENT: 'there is no such file',
  ENOMEM: 'memory is short; close some programs',
  ENOSPC: 'the disk is full; make room or choose another disk',
  ENOTDIR: 'a part of the path is not a folder; check the path',
  ENXIO: 'it is not a file; name one',
  EPERM: 'permission is denied; check who may read or write there',
  EROFS: 'the disk is read-only; choose another place',
  ETXTBSY: 'another program is using it; close that and try again',
};

/** The action that failed, by system call; all other calls write. */
const DEEDS: Readonly<Record<string, string>> = {
  access: 'found',
  fstat: 'read',
  lstat: 'found',
  open: 'opened',
  read: 'read',
  readlink: 'read',
  realpath: 'found',
  scandir: 'read',
  stat: 'found',
};

/** The system does not do something with a file, whatever the model: its disk is full, or permission is missing. */
export class SystemError extends UserError {}

/**
 * An error of the operating system as one sentence: what, where, why and what to do.
 * @param path what the sentence is about; by default what the error names, which for an open file is nothing
 * @returns a SystemError; any other error as it is
 */
export function explained(error: unknown, path?: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const { code, syscall, path: named } = error as NodeJS.ErrnoException;
  const reason = code === undefined || !Object.hasOwn(REASONS, code) ? undefined : REASONS[code];
  if (reason === undefined || syscall === undefined) return error;
  // A call that starts a program has the program's name in it.
  const deed = syscall.startsWith('spawn') ? 'started' : (DEEDS[syscall] ?? 'written');
  return new SystemError(`${path ?? named ?? 'A file'} cannot be ${deed}: ${reason}.`);
}

/**
 * Does something with a file.
 * @throws SystemError, see `explained`
 */
export function explaining<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(error, path);
  }
}
