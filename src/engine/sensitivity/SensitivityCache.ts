import type { OutputErrors, SensitivitySummary } from '../../core/measure/sensitivity';
import { ContentFile, type Origin } from '../io/ContentFile';
import type { Pause } from '../../base/pauses';

type Errors = OutputErrors['errors'];
type Summary = Pick<SensitivitySummary, 'stability' | 'recipe'>;

interface Entry {
  readonly summary: Summary;
  readonly layers: Record<string, { errors: Errors; problem: string | null }>;
}

/**
 * What was measured of one model on one set of samples, kept on disk by their content: a second opening need not measure
 * again, and a measurement that was cancelled goes on where it was.
 */
export class SensitivityCache {
  private constructor(
    private readonly file: ContentFile,
    private entry: Entry,
  ) {}

  /**
   * @param folder null to keep nothing
   * @param origin the model with its external data, the samples, and what else the figures depend on
   * @param pause called while files are read; may throw to stop
   */
  static async open(folder: string | null, origin: Origin, pause: Pause): Promise<SensitivityCache> {
    const file = await ContentFile.open(folder, '.measured', origin, pause);
    return new SensitivityCache(
      file,
      readEntry(file) ?? { summary: { stability: {}, recipe: null }, layers: {} },
    );
  }

  get summary(): Summary {
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

  /** @param news what was found just now of all layers together */
  save(news: Partial<Summary> = {}): void {
    const { stability, recipe } = this.entry.summary;
    const summary = {
      stability: { ...stability, ...news.stability },
      recipe: news.recipe ?? recipe,
    };
    this.entry = { ...this.entry, summary };
    this.file.write(JSON.stringify(this.entry));
  }
}

function readEntry(file: ContentFile): Entry | null {
  try {
    const entry = JSON.parse(file.read()?.toString() ?? 'null') as Partial<Entry> | null;
    return entry?.summary && entry.layers ? (entry as Entry) : null;
  } catch {
    return null;
  }
}
