import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { UserError } from '../../base/UserError';

/** readSync moves at most 2^31 - 1 bytes at once. */
const READ_BYTES = 2 ** 30;

/**
 * The external data files of one model: those in its folder and below, and no others, also not through symbolic links.
 * Locations were checked as text by `src/onnx` before they come here.
 */
export class ExternalFolder {
  private readonly root: string;
  private readonly used = new Set<string>();

  constructor(modelPath: string) {
    this.root = realpathSync(dirname(modelPath));
  }

  /** Every file that was asked for so far. */
  get paths(): readonly string[] {
    return [...this.used];
  }

  /** @throws UserError if the file does not exist or lies elsewhere */
  size(location: string): number {
    const { size } = statSync(this.resolve(location));
    return size;
  }

  /** @throws UserError if the file does not hold so much */
  read(location: string, offset: number, length: number): Uint8Array {
    const file = openSync(this.resolve(location), 'r');
    try {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const count = readSync(file, bytes, done, Math.min(READ_BYTES, length - done), offset + done);
        if (count === 0)
          throw new UserError(
            `The external data file "${location}" ends at ${offset + done} bytes, before the tensor does.`,
          );
        done += count;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  }

  private resolve(location: string): string {
    let real: string;
    try {
      real = realpathSync(join(this.root, location));
    } catch {
      throw new UserError(`The external data file "${location}" is not in the model's folder.`);
    }
    const path = relative(this.root, real);
    if (path === '' || path === '..' || path.startsWith(`..${sep}`) || path.includes(':'))
      throw new UserError(`The external data file "${location}" lies outside the model's folder.`);
    if (!statSync(real).isFile()) throw new UserError(`The external data "${location}" is not a file.`);
    this.used.add(real);
    return real;
  }
}
