import { NO_PROGRESS, type MeasurementBatch, type WeightRequest } from '../../core/measure/MeasureRequest';
import type { Recipe } from '../../core/recipe/recipe';
import { CancelledError } from '../../base/rpc';
import { FLOAT, isSlow, type SchemeId } from '../../core/scheme/scheme';
import type { MeasurementStore } from './MeasurementStore';

/** A scheme that no more layers than this have to themselves is measured on these alone. */
const FEW_LAYERS = 8;

/** How the engine is asked, and who is told. */
export interface WeightPort {
  /** Names of the layers that can be quantized. */
  layers(): readonly string[];
  measure(
    request: Omit<WeightRequest, 'path'>,
    signal: AbortSignal,
    onProgress: (batch: MeasurementBatch) => void,
  ): Promise<unknown>;
  onProgress(): void;
  onFailure(error: unknown): void;
}

/** Some schemes for all layers, or one scheme for one layer. */
interface Job {
  readonly schemes: readonly SchemeId[];
  readonly layer: string | null;
  done: number;
  total: number;
}

/** A scheme that the recipe chooses, for one layer or for all. */
interface Choice {
  /** The purpose it is requested for. */
  readonly key: string;
  readonly scheme: SchemeId;
  readonly layer: string | null;
}

/** Jobs one after the other. */
interface Lane {
  readonly queue: Job[];
  busy: boolean;
}

/**
 * Measures weight errors. It is told which schemes are looked at and which the recipe chooses, and has what of them is missing
 * measured: quick schemes before slow ones, and a new choice beside all columns.
 */
export class WeightQueue {
  progress = NO_PROGRESS;

  /** Schemes of the columns, by who shows them. */
  private readonly shown = new Map<object, readonly SchemeId[]>();
  private recipe: Recipe | null = null;
  /** Requested or cancelled schemes, and whether they are complete. */
  private readonly asked = new Set<string>();
  private readonly complete = new Set<string>();
  private columns: Lane = { queue: [], busy: false };
  private choices: Lane = { queue: [], busy: false };
  /** All of this stretch of work, for its progress. */
  private jobs: Job[] = [];
  private started = false;
  private stop = new AbortController();

  constructor(
    private readonly store: MeasurementStore,
    private readonly port: WeightPort,
  ) {}

  /** The schemes that `owner` shows from now on. */
  show(owner: object, schemes: readonly SchemeId[]): void {
    const before = this.shown.get(owner) ?? [];
    this.shown.set(owner, schemes);
    // A cancelled scheme that is requested anew is no longer cancelled.
    for (const scheme of schemes)
      if (!before.includes(scheme) && !this.isUnderWay(scheme) && !this.complete.has(scheme))
        this.asked.delete(scheme);
    this.fillIn();
  }

  forget(owner: object): void {
    this.shown.delete(owner);
  }

  /** The schemes that the recipe chooses from now on. */
  follow(recipe: Recipe): void {
    this.recipe = recipe;
    this.fillIn();
  }

  /** Forgets all results and analyses anew, in a model that may be another. */
  restart(): void {
    this.halt();
    this.asked.clear();
    this.complete.clear();
    this.started = true;
    this.store.reset(['weights']);
    // Without any scheme there are histograms still, and layers that cannot be quantized.
    if (this.columnSchemes().length === 0) this.add(this.columns, [], null);
    this.fillIn();
  }

  /** Leaves what is missing as it is until it is asked for anew. */
  cancel(): void {
    for (const scheme of this.columnSchemes()) this.asked.add(scheme);
    for (const { key } of this.missingChoices()) this.asked.add(key);
    this.halt();
    this.tell();
  }

  private halt(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.columns = { queue: [], busy: false };
    this.choices = { queue: [], busy: false };
  }

  private columnSchemes(): readonly SchemeId[] {
    return [...new Set([...this.shown.values()].flat())];
  }

  /** Asks for what is looked at or chosen and was never asked for. */
  private fillIn(): void {
    if (!this.started) return;
    const missing = this.columnSchemes().filter((scheme) => !this.asked.has(scheme));
    for (const scheme of missing) this.asked.add(scheme);
    for (const schemes of [missing.filter((scheme) => !isSlow(scheme)), missing.filter(isSlow)])
      if (schemes.length > 0) this.add(this.columns, schemes, null);
    for (const { key, scheme, layer } of this.missingChoices()) {
      this.asked.add(key);
      this.add(this.choices, [scheme], layer);
    }
    this.tell();
  }

  /** Schemes that the recipe chooses and nobody analyses yet: for all layers, or for those few alone that have them. */
  private missingChoices(): Choice[] {
    if (!this.recipe) return [];
    const { layers } = this.recipe;
    const missing: Choice[] = [];
    for (const scheme of new Set([this.recipe.default, ...Object.values(layers)])) {
      if (scheme === FLOAT || this.asked.has(scheme)) continue;
      const own = Object.keys(layers).filter((layer) => layers[layer] === scheme);
      if (scheme === this.recipe.default || own.length > FEW_LAYERS)
        missing.push({ key: scheme, scheme, layer: null });
      else
        missing.push(
          ...own
            .map((layer) => ({ key: JSON.stringify([layer, scheme]), scheme, layer }))
            .filter(
              ({ key, layer }) =>
                !this.asked.has(key) && this.store.at('weights').get(layer)?.problem === null,
            ),
        );
    }
    return missing;
  }

  private add(lane: Lane, schemes: readonly SchemeId[], layer: string | null): void {
    const idle = !this.columns.busy && !this.choices.busy;
    if (idle) this.jobs = [];
    const job = { schemes, layer, done: 0, total: layer === null ? this.port.layers().length : 1 };
    this.jobs.push(job);
    lane.queue.push(job);
    if (!lane.busy) void this.work(lane);
  }

  private async work(lane: Lane): Promise<void> {
    const { signal } = this.stop;
    lane.busy = true;
    for (let job = lane.queue[0]; job && !signal.aborted; job = lane.queue[0]) {
      await this.run(job, signal);
      lane.queue.shift();
    }
    lane.busy = false;
    if (!signal.aborted) this.tell();
  }

  /** A job that fails is not asked for again until analysis is restarted, or its scheme is shown anew. */
  private async run(job: Job, signal: AbortSignal): Promise<void> {
    try {
      const layers = job.layer === null ? this.port.layers() : [job.layer];
      await this.port.measure({ level: 'weights', layers, schemes: job.schemes }, signal, (batch) => {
        if (signal.aborted) return;
        job.done = batch.done;
        job.total = batch.total;
        this.learn(batch);
      });
      if (!signal.aborted) for (const scheme of job.schemes) this.complete.add(scheme);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CancelledError)) this.port.onFailure(error);
    }
    job.done = job.total;
  }

  private learn({ measurements }: MeasurementBatch): void {
    this.store.add(measurements);
    // A layer's own scheme waits until the layer's weights were looked at.
    this.fillIn();
  }

  private isUnderWay(scheme: SchemeId): boolean {
    return [...this.columns.queue, ...this.choices.queue].some((job) => job.schemes.includes(scheme));
  }

  private tell(): void {
    const running = this.columns.busy || this.choices.busy;
    const sum = (key: 'done' | 'total') => this.jobs.reduce((total, job) => total + job[key], 0);
    const now = { running, done: sum('done'), total: sum('total') };
    const before = this.progress;
    if (now.running === before.running && now.done === before.done && now.total === before.total) return;
    this.progress = now;
    this.port.onProgress();
  }
}
