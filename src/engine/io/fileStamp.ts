/** Tells states of files from each other. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { explaining } from '../../files/systemError';
import { fileStateOf, withRegularFile } from '../../files/RegularFile';

/** Files up to this size are read whole for a digest; of larger ones, so much at either end. */
const MAX_WHOLE = 2 ** 24;
const END = 2 ** 20;

/** @throws UserError if there is no such file */
export function fileState(path: string): string {
  return fileStateOf(explaining(path, () => statSync(path, { bigint: true })));
}

/** The state of each file with a digest of its bytes, as clocks may be coarse. @throws UserError if one cannot be read */
export function stampsOf(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, `${fileState(path)} ${digestOf(path)}`]));
}

/** @throws UserError naming the first file that is not what it was */
export function requireUnchanged(stamps: ReadonlyMap<string, string>): void {
  for (const [path, stamp] of stamps)
    if (stampsOf([path]).get(path) !== stamp)
      throw new UserError(`The file ${quoted(path)} was changed while it was exported; export it again.`);
}

function digestOf(path: string): string {
  return withRegularFile(path, (file) => {
    const hash = createHash('sha256');
    const parts: readonly [number, number][] =
      file.size <= MAX_WHOLE ? [[0, file.size]] : [[0, END], [file.size - END, END]]; // prettier-ignore
    for (const [from, length] of parts) {
      const bytes = Buffer.allocUnsafe(length);
      file.read(bytes, from);
      hash.update(bytes);
    }
    return hash.digest('hex');
  });
}
