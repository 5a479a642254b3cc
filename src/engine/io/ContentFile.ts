import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRegularFile, RegularFile } from '../../files/RegularFile';
import { isRunning } from '../../files/temporaryFolder';
import type { Pause } from '../../base/pauses';

/** Files of one kind that a folder keeps, the latest: so many, and so many bytes together. */
const MAX_FILES = 64;
const MAX_BYTES = 2 ** 28;
/** A file begins with the SHA-256 of the rest in hexadecimal: the form of the content alone would not show a number that is damaged. */
const DIGEST_BYTES = 64;
/** With its extension; behind that, what a temporary file has: the process that writes it. The folder may be anyone's, so nobody else has such names. */
const PREFIX = 'quantscope-';
const OUR_NAME = new RegExp(`^${PREFIX}[0-9a-f]{32}(\\.[a-z]+)(?:\\.(\\d+)\\.tmp)?$`);
/** Of files whose content counts, so much is read at a time. */
const CHUNK_BYTES = 2 ** 20;

/** The inputs that a result follows from. */
export interface Origin {
  /** Files whose content counts, in this order. */
  readonly files: readonly string[];
  /** Of what computed the result: the engine itself, and onnxruntime. Results of other versions do not count. */
  readonly versions: readonly string[];
  /** All else, as JSON has it. */
  readonly options: unknown;
}

/**
 * A file that keeps a result for the next time, under a name made of all that the result follows from. Nobody else may read it, and links
 * are not followed. It is no more than a convenience: what cannot be read or written is measured anew.
 */
export class ContentFile {
  private constructor(private readonly path: string | null) {}

  /**
   * @param folder null to keep nothing
   * @param extension of this kind of result, which has its own share of the folder
   * @param pause called while files are read; may throw to stop
   */
  static async open(
    folder: string | null,
    extension: string,
    { files, versions, options }: Origin,
    pause: Pause,
  ): Promise<ContentFile> {
    if (folder === null) return new ContentFile(null);
    const digests = new Map<string, string>();
    for (const file of new Set(files)) digests.set(file, await digestOf(file, pause));
    // Each of a fixed length, so that no two lists of files look the same.
    const key = [versions, options, files.map((file) => digests.get(file))];
    return new ContentFile(join(folder, PREFIX + sha256(JSON.stringify(key)).slice(0, 32) + extension));
  }

  /** Null if there is none, or it is damaged. */
  read(): Buffer | null {
    try {
      if (this.path === null) return null;
      const bytes = readRegularFile(this.path, DIGEST_BYTES + MAX_BYTES, { links: false });
      const content = bytes.subarray(DIGEST_BYTES);
      return bytes.toString('latin1', 0, DIGEST_BYTES) === sha256(content) ? content : null;
    } catch {
      return null;
    }
  }

  /** Others see all of the content or what was there before. */
  write(content: string | Uint8Array): void {
    if (this.path === null) return;
    const [folder, temporary] = [dirname(this.path), `${this.path}.${process.pid}.tmp`];
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      removeLeftovers(folder);
      try {
        const bytes = Buffer.concat([Buffer.from(sha256(content)), Buffer.from(content)]);
        writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 });
        renameSync(temporary, this.path);
      } finally {
        rmSync(temporary, { force: true });
      }
      dropOldest(folder, this.path.slice(this.path.lastIndexOf('.')));
    } catch {
      // A full disk is no reason to lose what was measured.
    }
  }
}

/** In hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file, in hexadecimal. @throws UserError if it cannot be read */
export async function digestOf(path: string, pause: Pause): Promise<string> {
  const hash = createHash('sha256');
  const file = RegularFile.open(path);
  try {
    for (let position = 0; position < file.size; position += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, file.size - position));
      file.read(chunk, position);
      hash.update(chunk);
      await pause();
    }
  } finally {
    file.close();
  }
  return hash.digest('hex');
}

/** Removes what processes that were killed while they wrote have left. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = OUR_NAME.exec(name)?.[2];
    if (owner !== undefined && (Number(owner) === process.pid || !isRunning(Number(owner))))
      rmSync(join(folder, name), { force: true });
  }
}

/** Counts temporary files as well, but nothing of others, as it may be any folder. */
function dropOldest(folder: string, extension: string): void {
  const entries = readdirSync(folder)
    .filter((name) => OUR_NAME.exec(name)?.[1] === extension)
    .map((name) => ({ path: join(folder, name), ...lstatSync(join(folder, name)) }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  let bytes = 0;
  entries.forEach(({ path, size }, i) => {
    bytes += size;
    if (i >= MAX_FILES || bytes > MAX_BYTES) rmSync(path, { force: true });
  });
}
