import { quoted } from '../../../base/quoted';
import type { UserError } from '../../../base/UserError';
import type { ByteSource } from '../../../base/ByteSource';

/*
 * Read by hand, and not by a package: one array of an archive is wanted at a time, in place and without waiting. yauzl gives streams that have to be
 * waited for, fflate's `Unzip` passes all bytes of the archive, npyjs reads a file whole; and none checks sizes against what its file can hold.
 */

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  /** Bytes that it takes in the archive, and that it has. */
  readonly packed: number;
  readonly size: number;
  /** Where its header is; its bytes follow it. */
  readonly offset: number;
}

/** A comment may stand behind it, which NumPy does not write. */
const END = { signature: 0x06054b50, bytes: 22, longestComment: 4096 };
const DIRECTORY = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
/** Bytes of a directory; archives of arrays have few files. */
const MAX_DIRECTORY = 2 ** 24;
const STORED = 0;
const DEFLATED = 8;

/**
 * Files of a zip archive as its directory lists them (PKWARE APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16). Their bytes are not read.
 * @param fail makes the error
 * @throws UserError if it is no archive, or is one in a form that NumPy does not write
 */
export function zipEntries(source: ByteSource, fail: (what: string) => UserError): ZipEntry[] {
  const tail = Math.min(source.length, END.bytes + END.longestComment);
  const end = viewOf(source.bytes(source.length - tail, tail));
  let at = tail - END.bytes;
  while (at >= 0 && end.getUint32(at, true) !== END.signature) at--;
  if (at < 0) throw fail('it does not end as archives do');
  const [size, from] = [end.getUint32(at + 12, true), end.getUint32(at + 16, true)];
  // Larger ones say so by numbers that are out of range (section 4.4.1.4), and have theirs elsewhere.
  if (from === 0xffffffff) throw fail('it is larger than 2 GB; save its arrays as .npy files');
  if (size > MAX_DIRECTORY || from + size > source.length) throw fail('it is damaged');
  const bytes = source.bytes(from, size);
  const directory = viewOf(bytes);
  const entries: ZipEntry[] = [];
  for (let entry = 0; entry + DIRECTORY.bytes <= size;) {
    if (directory.getUint32(entry, true) !== DIRECTORY.signature) throw fail('it is damaged');
    const [nameLength, extra, comment] = [28, 30, 32].map((field) =>
      directory.getUint16(entry + field, true),
    );
    const name = new TextDecoder().decode(bytes.subarray(entry + DIRECTORY.bytes).subarray(0, nameLength));
    const method = directory.getUint16(entry + 10, true);
    const isEncrypted = (directory.getUint16(entry + 8, true) & 1) === 1;
    if (isEncrypted || (method !== STORED && method !== DEFLATED))
      throw fail(`${quoted(name)} is packed in a way that NumPy does not`);
    entries.push({
      name,
      deflated: method === DEFLATED,
      packed: directory.getUint32(entry + 20, true),
      size: directory.getUint32(entry + 24, true),
      offset: directory.getUint32(entry + 42, true),
    });
    entry += DIRECTORY.bytes + nameLength! + extra! + comment!;
  }
  return entries;
}

/**
 * The bytes that a file takes in its archive.
 * @throws UserError if they are not there
 */
export function packedBytes(
  source: ByteSource,
  { packed, offset }: ZipEntry,
  fail: (what: string) => UserError,
): ByteSource {
  if (offset + LOCAL.bytes > source.length) throw fail('it is damaged');
  const header = viewOf(source.bytes(offset, LOCAL.bytes));
  // Its lengths of name and extra field may be other ones than the directory's (section 4.3.7).
  const start = offset + LOCAL.bytes + header.getUint16(26, true) + header.getUint16(28, true);
  if (header.getUint32(0, true) !== LOCAL.signature || start + packed > source.length)
    throw fail('it is damaged');
  return { length: packed, bytes: (from, count) => source.bytes(start + from, count) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
