import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { ByteSource } from '../io/ByteSource';
import { readNpy } from './readers/readNpy';
import { readNpz } from './readers/readNpz';
import { readTensorProto } from './readers/readTensorProto';
import type { StoredArray } from './readers/StoredArray';
import { formatBytes } from '../../core/report/format';
import { UserError } from '../../base/UserError';

export const ARCHIVE = '.npz';
/** A file that is read whole is no sample beyond this. */
const MAX_FILE = 2 ** 30;
/** Bytes that are read at least; the directory of an archive is seldom larger. */
const BLOCK = 8192;

/**
 * Opens the array of a file, of which as little is read as its format allows.
 * @param key of the array in an archive
 * @throws UserError if there is none, or none that can be read
 */
export function openArray(file: string, key: string): StoredArray {
  const name = basename(file);
  const extension = extname(file).toLowerCase();
  if (extension === '.pb') return readTensorProto(readWhole(file), name);
  return extension === ARCHIVE ? readNpz(fileBytes(file), key, name) : readNpy(fileBytes(file), name);
}

/** @throws UserError if it is too large, or cannot be read */
export function readWhole(file: string): Buffer {
  return reading(file, () => {
    const { size } = statSync(file);
    if (size > MAX_FILE) throw new UserError(`${basename(file)} is no sample: it has ${formatBytes(size)}.`);
    return readFileSync(file);
  });
}

/** What the system says of a file that it does not give, as a sentence that names it. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = /^E[A-Z0-9]+: ([^,]+)/.exec((error as Error).message)?.[1];
    if (reason === undefined) throw error;
    throw new UserError(`${basename(file)} cannot be read: ${reason}.`);
  }
}

/** The file is open only while it is read, so that nothing has to be closed; a block of it is kept, as headers are read in small parts. */
function fileBytes(file: string): ByteSource {
  const length = reading(file, () => statSync(file).size);
  let [start, block] = [0, new Uint8Array(0)];
  return {
    length,
    bytes(from, count) {
      if (count > BLOCK) return readPart(file, from, count);
      if (from < start || from + count > start + block.length) {
        block = readPart(file, from, Math.min(BLOCK, length - from));
        start = from;
      }
      return block.subarray(from - start, from - start + count);
    },
  };
}

function readPart(file: string, from: number, count: number): Uint8Array<ArrayBuffer> {
  return reading(file, () => {
    const bytes = new Uint8Array(count);
    const handle = openSync(file, 'r');
    try {
      let done = 0;
      // A read gives 2 GB at most.
      while (done < count) {
        const read = readSync(handle, bytes, done, Math.min(count - done, MAX_FILE), from + done);
        if (read === 0) throw new UserError(`${basename(file)} has become shorter since it was opened.`);
        done += read;
      }
    } finally {
      closeSync(handle);
    }
    return bytes;
  });
}
