import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pause } from '../../base/pauses';

/** Files of one kind that a folder keeps, the latest: so many, and so many bytes together. */
const MAX_FILES = 64;
const MAX_BYTES = 2 ** 28;
/** A file begins with the SHA-256 of the rest in hexadecimal: the form of the content alone would not show a number that is damaged. */
const DIGEST_BYTES = 64;
/** With its extension; behind that, what a temporary file has. The folder may be anyone's, so nobody else has such names. */
const PREFIX = 'quantscope-';
const OUR_NAME = new RegExp(`^${PREFIX}[0-9a-f]{32}(\\.[a-z]+)(\\.\\d+\\.tmp)?$`);

/** What a result follows from. */
export interface Origin {
  /** Files whose content counts, in this order. */
  readonly files: readonly string[];
  /** Of what computed the result: the engine itself, and onnxruntime. Results of other versions do not count. */
  readonly versions: readonly string[];
  /** All else, as JSON has it. */
  readonly options: unknown;
}

/**
 * A file that keeps a result for the next time, under a name made of all that the result follows from. It is no more than a
 * convenience: what cannot be read or written is measured anew.
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
      const bytes = readFileSync(this.path);
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
      mkdirSync(folder, { recursive: true });
      try {
        writeFileSync(temporary, Buffer.concat([Buffer.from(sha256(content)), Buffer.from(content)]));
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

async function digestOf(file: string, pause: Pause): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    await pause();
  }
  return hash.digest('hex');
}

/** Counts temporary files as well, which a process that was ended leaves; but nothing of others, as it may be any folder. */
function dropOldest(folder: string, extension: string): void {
  const entries = readdirSync(folder)
    .filter((name) => OUR_NAME.exec(name)?.[1] === extension)
    .map((name) => ({ path: join(folder, name), ...statSync(join(folder, name)) }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  let bytes = 0;
  entries.forEach(({ path, size }, i) => {
    bytes += size;
    if (i >= MAX_FILES || bytes > MAX_BYTES) rmSync(path, { force: true });
  });
}
