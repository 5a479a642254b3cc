import { statSync } from 'node:fs';
import type { ByteSource } from '../../base/ByteSource';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { withRegularFile, type RegularFile } from '../../files/RegularFile';

/** Tells one state of a file from another, as long as clocks and sizes are honest. */
export interface FileStamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A file in the state that it was in when it was looked at. */
export interface FileState {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** Some bytes of a file. They can be sent to another thread. */
export interface FileRange extends FileState {
  readonly offset: number;
  readonly length: number;
}

/** Runs of bytes of equal length, at equal distances. */
export interface Runs {
  /** Where the first begins. */
  readonly from: number;
  readonly length: number;
  readonly stride: number;
  readonly count: number;
}

export function stampOf({ size, modifiedMs }: RegularFile): FileStamp {
  return { bytes: size, modifiedMs };
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;
}

/** Whether a file still is what it was. */
export function isUnchanged({ path, stamp }: FileState): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && sameStamp(stamp, { bytes: now.size, modifiedMs: now.mtimeMs });
}

/** An open file as a source, of which each piece is new memory. */
export function fileBytes(file: RegularFile): ByteSource {
  return {
    length: file.size,
    bytes(from, count) {
      const bytes = new Uint8Array(count);
      file.read(bytes, from);
      return bytes;
    },
  };
}

/**
 * Reads runs of a range, one after the other.
 * @throws UserError if the file is not what it was, or cannot be read
 */
export function readRuns(
  { path, offset, stamp }: FileRange,
  { from, length, stride, count }: Runs,
): Uint8Array {
  const bytes = new Uint8Array(length * count);
  withRegularFile(path, (file) => {
    if (!sameStamp(stampOf(file), stamp))
      throw new UserError(`The file ${quoted(path)} was changed while it was worked on; open it again.`);
    if (length === stride) file.read(bytes, offset + from);
    else
      for (let i = 0; i < count; i++)
        file.read(bytes.subarray(i * length, (i + 1) * length), offset + from + i * stride);
  });
  return bytes;
}

/** @throws UserError as `readRuns` */
export function readRange(range: FileRange): Uint8Array {
  const { length } = range;
  return readRuns(range, { from: 0, length, stride: length, count: 1 });
}
