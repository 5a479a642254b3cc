import type { Pause } from '../../../base/pauses';
import { ContentFile } from '../../io/ContentFile';
import { VERSIONS } from '../../runtime/versions';
import {
  readOverlay,
  resultKey,
  writeOverlay,
  type Overlay,
  type OverlayOrigin,
  type PassResult,
} from './Overlay';

/** A result of before. */
export interface Remembered {
  readonly result: PassResult;
  /** Whether it is from a file that came with the model, and may be anybody's. */
  readonly isSaved: boolean;
}

/**
 * The results of repairs of an export: those that are saved beside the model, those of earlier exports with the same inputs, which a folder
 * keeps, and those that this one adds.
 */
export class RepairMemory {
  private readonly used = new Map<string, PassResult>();
  private readonly cached: Map<string, PassResult>;

  private constructor(
    private readonly origin: OverlayOrigin,
    private readonly file: ContentFile,
    private readonly saved: Overlay['results'],
    cached: Overlay['results'],
  ) {
    this.cached = new Map(cached);
  }

  /**
   * @param folder where results are kept; null to keep none
   * @param saved results that the recipe names, of the same origin; null for none
   */
  static async open(
    folder: string | null,
    origin: OverlayOrigin,
    saved: Overlay | null,
    pause: Pause,
  ): Promise<RepairMemory> {
    const file = await ContentFile.open(
      folder,
      '.repaired',
      { files: [], versions: VERSIONS, options: origin },
      pause,
    );
    const content = file.read();
    const cached = content && readOverlay(content);
    const results = cached && typeof cached !== 'string' ? cached.results : new Map<string, PassResult>();
    return new RepairMemory(origin, file, saved?.results ?? new Map(), results);
  }

  /** Whether the recipe names results that were saved. */
  get hasSaved(): boolean {
    return this.saved.size > 0;
  }

  /**
   * The result of a pass that began with the same.
   * @param begins see `PassResult`
   */
  find(pass: string, begins: string): Remembered | null {
    const key = resultKey(pass, begins);
    for (const [from, isSaved] of [
      [this.used, false],
      [this.saved, true],
      [this.cached, false],
    ] as const) {
      const result = from.get(key);
      if (result?.begins === begins) return { result, isSaved };
    }
    return null;
  }

  /** Takes a result over into what this export makes use of. */
  use(pass: string, result: PassResult): void {
    this.used.set(resultKey(pass, result.begins), result);
  }

  /** Keeps a result for the next time, of which this export itself makes no use, as it is not whole. */
  keep(pass: string, result: PassResult): void {
    this.cached.set(resultKey(pass, result.begins), result);
    this.file.write(this.bytesOf(this.cached));
  }

  /**
   * Adds a result, and keeps it for the next time.
   * @param unfinished name of what was kept of it before, which goes
   */
  add(pass: string, result: PassResult, unfinished: string): void {
    this.use(pass, result);
    this.cached.delete(resultKey(unfinished, result.begins));
    this.keep(pass, result);
  }

  /** What this export makes use of, as a file; null if that is nothing. */
  get bytes(): Uint8Array | null {
    return this.used.size === 0 ? null : this.bytesOf(this.used);
  }

  private bytesOf(results: Overlay['results']): Uint8Array {
    return writeOverlay({ origin: this.origin, versions: VERSIONS.join(' '), results });
  }
}
