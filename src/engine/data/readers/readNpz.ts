import { quoted } from '../../../base/quoted';
import { Inflate, inflateSync } from 'fflate';
import { formatBytes } from '../../../core/report/format';
import { UserError } from '../../../base/UserError';
import type { ByteSource } from '../../../base/ByteSource';
import { readNpy } from './readNpy';
import type { StoredArray } from './StoredArray';
import { packedBytes, zipEntries, type ZipEntry } from './zipEntries';

/** Bytes of an array that has to be unpacked; more are too many for the memory. */
const MAX_UNPACKED = 2 ** 30;
/** Bytes that a deflated byte can become at most (zlib, "Maximum Compression Factor"); more is a false declaration. */
const MAX_PER_BYTE = 1032;
/** Bytes at the beginning of a deflated array that have its header. */
const BEGINNING = 1024;

type Fail = (what: string) => UserError;

/**
 * Opens one array of a NumPy archive: a zip of .npy files. A deflated array is unpacked once elements are read, and stays in memory.
 * @param key name of the array; a sole array is taken whatever its name
 * @throws UserError if it is no such archive, has no such array or two, or the array is too large
 */
export function readNpz(source: ByteSource, key: string, name: string): StoredArray {
  const fail = (what: string) => new UserError(`${name} cannot be read as an archive of arrays: ${what}.`);
  const entries = zipEntries(source, fail).filter((entry) => entry.name.endsWith('.npy'));
  const named = entries.filter((entry) => entry.name === `${key}.npy`);
  if (named.length > 1) throw fail(`it has two arrays ${quoted(key)}`);
  const wanted = named[0] ?? (entries.length === 1 ? entries[0] : undefined);
  if (!wanted)
    throw fail(
      `it has no array ${quoted(key)} but ${entries.map((entry) => quoted(entry.name.slice(0, -4))).join(', ') || 'none'}`,
    );
  const packed = packedBytes(source, wanted, fail);
  return readNpy(wanted.deflated ? inflated(packed, wanted, fail) : packed, `${wanted.name} in ${name}`);
}

/** The bytes of a deflated file; all of them are unpacked as soon as more than its beginning is wanted. */
function inflated(packed: ByteSource, { name, size }: ZipEntry, fail: Fail): ByteSource {
  if (size > packed.length * MAX_PER_BYTE || size > MAX_UNPACKED)
    throw fail(`${quoted(name)} says that it unpacks to ${formatBytes(size)}`);
  const attempt = (bytes: Uint8Array, inflate: (bytes: Uint8Array) => Uint8Array) => {
    try {
      return inflate(bytes);
    } catch {
      throw fail(`${quoted(name)} is damaged`);
    }
  };
  let unpacked = attempt(packed.bytes(0, Math.min(BEGINNING, packed.length)), beginning);
  const all = (bytes: Uint8Array) => inflateSync(bytes, { out: new Uint8Array(size) });
  return {
    length: size,
    bytes(from, count) {
      if (from + count > unpacked.length) unpacked = attempt(packed.bytes(0, packed.length), all);
      if (from + count > unpacked.length) throw fail(`${quoted(name)} is damaged`);
      return unpacked.subarray(from, from + count);
    },
  };
}

/** Unpacks as much as there is of a file that is cut off. */
function beginning(bytes: Uint8Array): Uint8Array {
  let result = new Uint8Array(0);
  const inflate = new Inflate((piece) => {
    result = piece;
  });
  inflate.push(bytes);
  return result;
}
