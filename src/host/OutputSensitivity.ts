import type { LayerAnalysis } from '../shared/measures';
import { schemeOf, type Recipe } from '../shared/recipe';
import { CancelledError } from '../shared/rpc';
import { FLOAT, type SchemeId } from '../shared/scheme';
import type {
  OutputErrors,
  SensitivityBatch,
  SensitivityLevel,
  SensitivityRequest,
  SensitivityState,
  SensitivitySummary,
} from '../shared/sensitivity';

/** How the engine is asked, and who is told. */
export interface SensitivityPort {
  measure(
    request: Omit<SensitivityRequest, 'path' | 'samples' | 'cache'>,
    signal: AbortSignal,
    onProgress: (batch: SensitivityBatch) => void,
  ): Promise<SensitivitySummary>;
  /** More is known; or all results so far are void. */
  onNews(news: readonly OutputErrors[] | 'reset'): void;
  onProgress(): void;
  onFailure(error: unknown): void;
}

/** What is asked for: a level of sensitivity for some schemes. */
interface Wish {
  readonly level: Exclude<SensitivityLevel, 'weights'>;
  readonly schemes: readonly SchemeId[];
}

const IDLE: SensitivityState = { running: null, done: 0, total: 0, summaries: {} };

/**
 * What is known of the errors of a model's layers at their outputs and at the model's. Measures what is looked at and missing, one job at a
 * time; what is known of other data than the recipe's is void.
 */
export class OutputSensitivity {
  readonly known = new Map<string, OutputErrors>();
  state: SensitivityState = IDLE;
  private recipe: Recipe | null = null;
  private wish: Wish | null = null;
  private complete = new Set<string>();
  private stop = new AbortController();

  constructor(
    private readonly port: SensitivityPort,
    /** Layers that can be quantized, with their weight errors as far as they are known. */
    private readonly layers: () => readonly (readonly [string, LayerAnalysis | undefined])[],
  ) {}

  /** What the recipe says of data and activations counts from now on. */
  follow(recipe: Recipe): void {
    const before = this.recipe;
    this.recipe = recipe;
    if (before && dataOf(before) !== dataOf(recipe)) this.reset();
  }

  /** Measures what of these is not known; another wish than before takes its place. */
  show(wish: Wish): void {
    this.wish = wish;
    if (!this.state.running) void this.work();
  }

  /** Leaves what is missing as it is until it is asked for anew. */
  cancel(): void {
    this.wish = null;
    this.stop.abort();
  }

  /** Forgets all results: another model or other data. */
  reset(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.known.clear();
    this.complete.clear();
    this.state = IDLE;
    this.port.onNews('reset');
    this.port.onProgress();
    if (this.wish) void this.work();
  }

  private async work(): Promise<void> {
    if (this.stop.signal.aborted) this.stop = new AbortController();
    const { signal } = this.stop;
    for (let wish = this.missing(); wish && !signal.aborted; wish = this.missing()) {
      const { level, schemes } = wish;
      this.set({ running: level, done: 0, total: 1 });
      try {
        const summary = await this.port.measure(this.request(wish), signal, (batch) => {
          if (!signal.aborted) this.learn(batch);
        });
        for (const scheme of schemes) this.complete.add(keyOf(level, scheme));
        if (!signal.aborted) this.set({ summaries: { ...this.state.summaries, [level]: summary } });
      } catch (error) {
        if (signal.aborted) return this.ended(signal);
        // What failed is not tried again until it is asked for anew.
        this.wish = null;
        if (!(error instanceof CancelledError)) this.port.onFailure(error);
      }
    }
    this.ended(signal);
  }

  /** Unless a reset has begun something new. */
  private ended(signal: AbortSignal): void {
    if (signal === this.stop.signal) this.set({ running: null });
  }

  private missing(): Wish | null {
    const { wish, recipe } = this;
    if (!wish || !recipe || recipe.calibration === null) return null;
    const schemes = wish.schemes.filter((scheme) => !this.complete.has(keyOf(wish.level, scheme)));
    return schemes.length > 0 ? { ...wish, schemes } : null;
  }

  private request({ level, schemes }: Wish): Parameters<SensitivityPort['measure']>[0] {
    const { calibration, shapes, activations } = this.recipe!;
    const activity = level === 'model' ? activations : null;
    return {
      level,
      schemes,
      layers: this.promising(),
      calibration: calibration!,
      shapes,
      activations: activity,
    };
  }

  /** All layers, those first whose own output, or weights, suffer most under the recipe. */
  private promising(): string[] {
    const ratio = ([name, analysis]: readonly [string, LayerAnalysis | undefined]) => {
      const scheme = schemeOf(this.recipe!, name);
      if (scheme === FLOAT) return Infinity;
      const own = this.known.get(keyOf('layer', name))?.errors[scheme] ?? analysis?.schemes[scheme];
      return own?.sqnrDb ?? Infinity;
    };
    return this.layers()
      .map((layer) => ({ name: layer[0], ratio: ratio(layer) }))
      .sort((a, b) => (a.ratio === b.ratio ? 0 : a.ratio - b.ratio))
      .map(({ name }) => name);
  }

  private learn({ layers, done, total }: SensitivityBatch): void {
    const merged = layers.map((news) => {
      const key = keyOf(news.level, news.layer);
      const errors = { ...this.known.get(key)?.errors, ...news.errors };
      const all = { ...news, errors } as OutputErrors;
      this.known.set(key, all);
      return all;
    });
    if (merged.length > 0) this.port.onNews(merged);
    this.set({ done, total });
  }

  private set(change: Partial<SensitivityState>): void {
    this.state = { ...this.state, ...change };
    this.port.onProgress();
  }
}

function keyOf(level: SensitivityLevel, name: string): string {
  return `${level} ${name}`;
}

function dataOf({ calibration, shapes, activations }: Recipe): string {
  return JSON.stringify([calibration, shapes, activations]);
}
