import { statSync } from 'node:fs';
import type { ByteSource } from '../../base/ByteSource';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { fileStateOf, withRegularFile, type RegularFile } from '../../files/RegularFile';

/** A file in the state that it was in when it was looked at. */
export interface FileState {
  readonly path: string;
  readonly bytes: number;
  /** As `fileStateOf` has it. */
  readonly stamp: string;
}

/** Some bytes of a file. They can be sent to another thread. */
export interface FileRange extends Omit<FileState, 'bytes'> {
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

/** An open file as it is now. */
export function stateOf({ path, size, state }: RegularFile): FileState {
  return { path, bytes: size, stamp: state };
}

/** Whether a file still is what it was. */
export function isUnchanged({ path, stamp }: FileState): boolean {
  const now = statSync(path, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && fileStateOf(now) === stamp;
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
    if (file.state !== stamp)
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
