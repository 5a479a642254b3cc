import { basename, extname } from 'node:path';
import { readRegularFile, withRegularFile } from '../../files/RegularFile';
import type { ByteSource } from '../../base/ByteSource';
import { readNpy } from './readers/readNpy';
import { readNpz } from './readers/readNpz';
import { readTensorProto } from './readers/readTensorProto';
import type { StoredArray } from './readers/StoredArray';

export const ARCHIVE = '.npz';
/** Bytes of a file that is read whole; one that is larger is no sample. */
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

/** @throws UserError if it is too large, cannot be read, or is no regular file, such as a pipe */
export function readWhole(file: string, most = MAX_FILE): Buffer {
  return readRegularFile(file, most);
}

/** The file is open only while it is read, so that nothing has to be closed; one block of it is cached, as headers are read in small parts. */
function fileBytes(file: string): ByteSource {
  const length = withRegularFile(file, ({ size }) => size);
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
  const bytes = new Uint8Array(count);
  withRegularFile(file, (open) => open.read(bytes, from));
  return bytes;
}
