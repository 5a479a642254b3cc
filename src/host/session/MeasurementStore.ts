import {
  mergeMeasurement,
  type Level,
  type Measurement,
  type MeasurementOf,
  type Variant,
} from '../../core/measure/Measurement';

/** Measurements of layers as they are now; or levels of which all measurements are void. */
export type MeasurementNews =
  { readonly measurements: readonly Measurement[] } | { readonly reset: readonly Level[] };

/** All that was measured of one model: weights, layer outputs and model outputs alike. */
export class MeasurementStore {
  private readonly byLevel = {
    weights: new Map<string, MeasurementOf<'weights'>>(),
    layer: new Map<string, MeasurementOf<'layer'>>(),
    model: new Map<string, MeasurementOf<'model'>>(),
  };

  constructor(private readonly onNews: (news: MeasurementNews) => void) {}

  /** By layer. */
  at<L extends Level>(level: L): ReadonlyMap<string, MeasurementOf<L>> {
    return this.byLevel[level] as unknown as ReadonlyMap<string, MeasurementOf<L>>;
  }

  get all(): readonly Measurement[] {
    return Object.values(this.byLevel).flatMap((layers: ReadonlyMap<string, Measurement>) => [
      ...layers.values(),
    ]);
  }

  /** Adds errors to those of the same layers and levels. */
  add(news: readonly Measurement[]): void {
    this.set(news.map((each) => mergeMeasurement(this.mapOf(each.level).get(each.layer), each)));
  }

  /** Forgets the errors of one variant, of all layers. */
  drop(level: Level, variant: Variant): void {
    const measured = [...this.mapOf(level).values()].filter(({ errors }) => variant in errors);
    this.set(
      measured.map((each) => {
        const errors = Object.fromEntries(Object.entries(each.errors).filter(([id]) => id !== variant));
        return { ...each, errors } as Measurement;
      }),
    );
  }

  /** Forgets all measurements at some levels. */
  reset(levels: readonly Level[]): void {
    for (const level of levels) this.byLevel[level].clear();
    this.onNews({ reset: levels });
  }

  private set(measurements: readonly Measurement[]): void {
    for (const each of measurements) this.mapOf(each.level).set(each.layer, each);
    if (measurements.length > 0) this.onNews({ measurements });
  }

  private mapOf(level: Level): Map<string, Measurement> {
    return this.byLevel[level] as Map<string, Measurement>;
  }
}
