import { mergeMeasurement, type Measurement } from '../../core/measure/Measurement';
import type { MeasurementSummary } from '../../core/measure/MeasureRequest';
import { ContentFile, type Origin } from '../io/ContentFile';
import type { Pause } from '../../base/pauses';

type Summary = Pick<MeasurementSummary, 'stability' | 'recipe'>;

interface Entry {
  readonly summary: Summary;
  readonly layers: Record<string, Measurement>;
}

/**
 * Measurements of one model at one level on one set of samples, cached on disk by their content: a second opening need not measure
 * again, and a measurement that was cancelled goes on where it was.
 */
export class SensitivityCache {
  private constructor(
    private readonly file: ContentFile,
    private entry: Entry,
  ) {}

  /**
   * @param folder null to cache nothing
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

  /** Null if nothing of the layer is cached. */
  get(layer: string): Measurement | null {
    return Object.hasOwn(this.entry.layers, layer) ? this.entry.layers[layer]! : null;
  }

  add(measurement: Measurement): void {
    const before = this.get(measurement.layer) ?? undefined;
    this.entry.layers[measurement.layer] = mergeMeasurement(before, measurement);
  }

  /** @param news about all layers together */
  save(news: Partial<Summary> = {}): void {
    const { stability, recipe } = this.entry.summary;
    const summary = {
      stability: { ...stability, ...news.stability },
      recipe: news.recipe ?? recipe,
    };
    // In the order of their names, so that the same figures are the same file whichever thread was first.
    const layers = Object.entries(this.entry.layers).sort(([a], [b]) => (a < b ? -1 : 1));
    this.entry = { layers: Object.fromEntries(layers), summary };
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
