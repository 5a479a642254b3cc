import { createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { OutputErrors, SensitivitySummary } from '../../shared/sensitivity';

/** Written down with each entry; another one is not read. */
const VERSION = 2;
/** Entries that are kept, the latest. */
const MOST_ENTRIES = 64;

type Errors = OutputErrors['errors'];

interface Entry {
  readonly version: number;
  readonly summary: SensitivitySummary | null;
  readonly layers: Record<string, { errors: Errors; problem: string | null }>;
}

/**
 * What was measured of one model on one set of samples, kept on disk by their content: a second opening need not measure
 * again, and a measurement that was cancelled goes on where it was. Entries are no more than a convenience: what cannot be read
 * or written is measured anew.
 */
export class SensitivityCache {
  private constructor(
    private readonly file: string | null,
    private readonly entry: Entry,
  ) {}

  /** Keeps nothing. */
  static none(): SensitivityCache {
    return new SensitivityCache(null, { version: VERSION, summary: null, layers: {} });
  }

  /**
   * @param files whose content counts: the model with its external data, and the samples
   * @param options what else the figures depend on
   */
  static async open(folder: string, files: readonly string[], options: unknown): Promise<SensitivityCache> {
    const hash = createHash('sha256').update(JSON.stringify([VERSION, options]));
    for (const file of files) await addFile(hash, file);
    const file = join(folder, `${hash.digest('hex').slice(0, 32)}.json`);
    return new SensitivityCache(file, readEntry(file) ?? { version: VERSION, summary: null, layers: {} });
  }

  get summary(): SensitivitySummary | null {
    return this.entry.summary;
  }

  /** What is known of a layer; null if nothing. */
  layer(name: string): { errors: Errors; problem: string | null } | null {
    return Object.hasOwn(this.entry.layers, name) ? this.entry.layers[name]! : null;
  }

  add({ layer, errors, problem }: OutputErrors): void {
    const known = this.layer(layer)?.errors;
    this.entry.layers[layer] = { errors: { ...known, ...errors } as Errors, problem };
  }

  save(summary: SensitivitySummary | null): void {
    if (this.file === null) return;
    try {
      mkdirSync(join(this.file, '..'), { recursive: true });
      const text = JSON.stringify({ ...this.entry, summary: summary ?? this.entry.summary } satisfies Entry);
      writeFileSync(`${this.file}.${process.pid}.tmp`, text);
      renameSync(`${this.file}.${process.pid}.tmp`, this.file);
      dropOldest(join(this.file, '..'));
    } catch {
      // A full disk is no reason to lose what was measured.
    }
  }
}

async function addFile(hash: Hash, file: string): Promise<void> {
  hash.update(`${file.length} ${statSync(file).size} `);
  await pipeline(createReadStream(file), async (chunks) => {
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  });
}

function readEntry(file: string): Entry | null {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Partial<Entry> | null;
    return entry?.version === VERSION && typeof entry.layers === 'object' ? (entry as Entry) : null;
  } catch {
    return null;
  }
}

function dropOldest(folder: string): void {
  const entries = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, time: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { name } of entries.slice(MOST_ENTRIES)) rmSync(join(folder, name), { force: true });
}
