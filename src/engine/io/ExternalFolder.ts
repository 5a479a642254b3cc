import { realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { withRegularFile } from '../../files/RegularFile';
import { OWN_FILE, type ExternalFiles } from '../../onnx/file/externalData';
import { readRange, stateOf, type FileRange, type FileState } from './FileRange';

/**
 * The files that hold the tensors of one model: its own, and those in its folder and below, but no others, also not through symbolic
 * links. Locations were checked as text by `src/onnx` before they come here. Each file is a snapshot from the first time that it is asked for.
 */
export class ExternalFolder implements ExternalFiles {
  private readonly root: string;
  private readonly beside = new Map<string, FileState>();

  /** @param own the model file as it was parsed: in any other state of it, ranges mean nothing */
  constructor(private readonly own: FileState) {
    this.root = realpathSync(dirname(own.path));
  }

  /** Every file beside the model that was asked for so far. */
  get paths(): readonly string[] {
    return [...new Set([...this.beside.values()].map(({ path }) => path))];
  }

  /** The model's own file and those, as they were then. */
  get states(): readonly FileState[] {
    return [this.own, ...this.beside.values()];
  }

  /** @throws UserError if the file does not exist or lies elsewhere */
  size(location: string): number {
    return this.stateOf(location).bytes;
  }

  /** @throws UserError as `size` */
  range(location: string, offset: number, length: number): FileRange {
    const { path, stamp } = this.stateOf(location);
    return { path, stamp, offset, length };
  }

  /** @throws UserError as `range`, or if the file has changed */
  read(location: string, offset: number, length: number): Uint8Array {
    return readRange(this.range(location, offset, length));
  }

  private stateOf(location: string): FileState {
    if (location === OWN_FILE) return this.own;
    let state = this.beside.get(location);
    if (!state) {
      const path = this.resolve(location);
      state = withRegularFile(path, stateOf);
      this.beside.set(location, state);
    }
    return state;
  }

  private resolve(location: string): string {
    let real: string;
    try {
      real = realpathSync(join(this.root, location));
    } catch {
      throw new UserError(`The external data file ${quoted(location)} is not in the model's folder.`);
    }
    const path = relative(this.root, real);
    if (path === '' || path === '..' || path.startsWith(`..${sep}`) || path.includes(':'))
      throw new UserError(`The external data file ${quoted(location)} lies outside the model's folder.`);
    if (!statSync(real).isFile()) throw new UserError(`The external data ${quoted(location)} is not a file.`);
    return real;
  }
}
