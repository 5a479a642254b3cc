import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from '../../base/UserError';

/** A protobuf message cannot be longer (protobuf documentation, "Size limits"). */
const MAX_MODEL = 2 ** 31 - 1;

/** Tells one state of a file from another, as long as clocks and sizes are honest. */
export interface FileStamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * Reads a model file whole.
 * @throws UserError if it cannot be read, is no file, or is larger than a model can be
 */
export function readModelFile(path: string): { bytes: Uint8Array; stamp: FileStamp } {
  const file = open(path);
  try {
    const stamp = stampOf(file, path);
    const bytes = new Uint8Array(stamp.bytes);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(file, bytes, done, Math.min(2 ** 30, bytes.length - done), done);
      if (count === 0) throw new UserError(`${path} became shorter while it was read.`);
      done += count;
    }
    return { bytes, stamp };
  } finally {
    closeSync(file);
  }
}

/** @throws UserError as `readModelFile` */
export function stampFile(path: string): FileStamp {
  const file = open(path);
  try {
    return stampOf(file, path);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    // Without O_NONBLOCK (which Windows has not) a named pipe would be waited for.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : (error as Error).message;
    throw new UserError(`${path} cannot be opened: ${why}.`);
  }
}

function stampOf(file: number, path: string): FileStamp {
  const status = fstatSync(file);
  if (!status.isFile()) throw new UserError(`${path} is not a file.`);
  if (status.size > MAX_MODEL)
    throw new UserError(
      `${path} is larger than 2 GiB, which no ONNX file can be; weights belong in external data files.`,
    );
  return { bytes: status.size, modifiedMs: status.mtimeMs };
}
