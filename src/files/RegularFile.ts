import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { UserError } from '../base/UserError';
import { explaining } from './systemError';

/** `readSync` moves at most 2^31 - 1 bytes at once. */
const MAX_READ = 2 ** 30;

export interface OpenOptions {
  /** Whether a symbolic link is opened as what it leads to, as it is by default. */
  readonly links?: boolean;
}

/**
 * A file's identity, size and times to the nanosecond, which tell its states from each other. Programs cannot set the time of its
 * last change (ctime), so that another content of the same size and date does not pass for the same.
 */
export function fileStateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** A regular file that is open for reading. */
export class RegularFile {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    /** Bytes at the time it was opened. */
    readonly size: number,
    /** Its state at that time. */
    readonly state: string,
  ) {}

  /**
   * Opens a file and never waits for it, as a named pipe would have it.
   * @throws UserError if it cannot be opened, or is a pipe, a device, a socket or a folder
   */
  static open(path: string, { links = true }: OpenOptions = {}): RegularFile {
    // Windows has neither of the last two.
    const flags =
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (links ? 0 : (constants.O_NOFOLLOW ?? 0));
    const descriptor = explaining(path, () => openSync(path, flags));
    try {
      const status = fstatSync(descriptor, { bigint: true });
      if (!status.isFile()) throw new UserError(`${path} is not a file.`);
      return new RegularFile(path, descriptor, Number(status.size), fileStateOf(status));
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /**
   * Fills `target` with the bytes from `position` on.
   * @throws UserError if the file ends before, or cannot be read
   */
  read(target: Uint8Array, position: number): void {
    for (let done = 0; done < target.length;) {
      const count = explaining(this.path, () =>
        readSync(this.descriptor, target, done, Math.min(MAX_READ, target.length - done), position + done),
      );
      if (count === 0)
        throw new UserError(
          `${this.path} ends at ${position + done} bytes, before what is to be read: it became shorter.`,
        );
      done += count;
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Opens a file, uses it and closes it. @throws UserError as `RegularFile.open`, and what `use` throws */
export function withRegularFile<T>(
  path: string,
  use: (file: RegularFile) => T,
  options: OpenOptions = {},
): T {
  const file = RegularFile.open(path, options);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/**
 * Reads a file whole.
 * @param most bytes that it may have
 * @throws UserError as `RegularFile`, or if it is larger
 */
export function readRegularFile(path: string, most: number, options: OpenOptions = {}): Buffer {
  return withRegularFile(
    path,
    (file) => {
      if (file.size > most)
        throw new UserError(
          `${path} is larger than the ${most.toLocaleString('en')} bytes that it may have.`,
        );
      const bytes = Buffer.allocUnsafeSlow(file.size);
      file.read(bytes, 0);
      return bytes;
    },
    options,
  );
}
