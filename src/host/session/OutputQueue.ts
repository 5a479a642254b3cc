import { toNumber } from '../../core/measure/Decibels';
import { LEAVE_ONE_OUT, type Level } from '../../core/measure/Measurement';
import {
  NOTHING_MEASURED,
  type MeasurementBatch,
  type MeasurementSummary,
  type MeasuringState,
  type OutputRequest,
} from '../../core/measure/MeasureRequest';
import { schemeOf, type Recipe } from '../../core/recipe/recipe';
import type { ErrorsShown } from '../../protocol/editorApi';
import { FLOAT } from '../../core/scheme/scheme';
import type { MeasurementStore } from './MeasurementStore';

/** How the engine is asked, and who is told. */
export interface OutputPort {
  measure(
    request: Omit<OutputRequest, 'path' | 'samples' | 'cache'>,
    signal: AbortSignal,
    onProgress: (batch: MeasurementBatch) => void,
  ): Promise<MeasurementSummary>;
  onProgress(): void;
  onFailure(error: unknown): void;
}

type OutputLevel = Exclude<Level, 'weights'>;

/** A request: a level of errors for some schemes, as they are or repaired. */
interface Wish extends Omit<ErrorsShown, 'repaired'> {
  readonly level: OutputLevel;
}

/**
 * Measures errors at outputs: what is looked at and missing, one job at a time. What was measured on other data than the recipe's is void,
 * and so is what was measured of all its choices together when one changes.
 */
export class OutputQueue {
  /** Of weights, nothing. */
  state: MeasuringState = NOTHING_MEASURED;
  private running: OutputLevel | null = null;
  private recipe: Recipe | null = null;
  private wish: Wish | null = null;
  private complete = new Set<string>();
  private stop = new AbortController();
  private measuringOthers = false;

  constructor(
    private readonly store: MeasurementStore,
    private readonly port: OutputPort,
    /** Names of the layers that can be quantized. */
    private readonly layers: () => readonly string[],
  ) {}

  /** The recipe counts as it is from now on. */
  follow(recipe: Recipe): void {
    const before = this.recipe;
    this.recipe = recipe;
    if (this.state.inputs !== inputsOf(recipe)) this.set({ inputs: inputsOf(recipe) });
    if (before && dataOf(before) !== dataOf(recipe)) this.reset();
    else if (before && choicesOf(before) !== choicesOf(recipe)) this.forgetOthers();
  }

  /** Measures what of these is not known; another wish than before takes its place. */
  show(wish: Wish): void {
    this.wish = wish;
    if (this.running === null) void this.work();
  }

  /** Leaves what is missing as it is until it is asked for anew. */
  cancel(): void {
    this.wish = null;
    this.stop.abort();
  }

  /** Forgets all results: another model or other data. */
  reset(): void {
    if (this.wish) this.wish = { ...this.wish, others: false };
    this.stop.abort();
    this.stop = new AbortController();
    this.complete.clear();
    this.running = null;
    this.store.reset(['layer', 'model']);
    this.set({ ...NOTHING_MEASURED, inputs: this.recipe && inputsOf(this.recipe) });
    if (this.wish) void this.work();
  }

  /** Forgets what was measured of the recipe as a whole. It is not measured anew until it is asked for: each takes an export. */
  private forgetOthers(): void {
    if (this.wish) this.wish = { ...this.wish, others: false };
    this.complete.delete(OTHERS);
    this.store.drop('model', LEAVE_ONE_OUT);
    const { model } = this.state.summaries;
    if (model) this.set({ summaries: { ...this.state.summaries, model: { ...model, recipe: null } } });
    if (this.running === null || !this.measuringOthers) return;
    this.stop.abort();
    this.stop = new AbortController();
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.stop.signal.aborted) this.stop = new AbortController();
    const { signal } = this.stop;
    for (let wish = this.missing(); wish && !signal.aborted; wish = this.missing()) {
      this.measuringOthers = wish.others;
      this.run(wish.level);
      try {
        const summary = await this.port.measure(this.request(wish), signal, (batch) => {
          if (!signal.aborted) this.learn(batch);
        });
        if (!signal.aborted) this.finish(wish, summary);
      } catch (error) {
        if (signal.aborted) return this.ended(signal);
        // A measurement that failed is not tried again until it is asked for anew.
        this.wish = null;
        this.port.onFailure(error);
      }
    }
    this.ended(signal);
  }

  /** Unless a reset has begun something new. What was asked for while the last measurement was being cancelled is begun now. */
  private ended(signal: AbortSignal): void {
    if (signal !== this.stop.signal) return;
    this.run(null);
    if (signal.aborted && this.missing()) void this.work();
  }

  private missing(): Wish | null {
    const { wish, recipe } = this;
    if (!wish || !recipe || recipe.calibration === null) return null;
    const schemes = wish.schemes.filter((scheme) => !this.complete.has(keyOf(wish.level, scheme)));
    if (schemes.length > 0) return { ...wish, schemes, others: false };
    return wish.others && !this.complete.has(OTHERS) ? { ...wish, schemes } : null;
  }

  private finish({ level, schemes, others }: Wish, summary: MeasurementSummary): void {
    for (const scheme of schemes) this.complete.add(keyOf(level, scheme));
    if (others) this.complete.add(OTHERS);
    const previous = this.state.summaries[level];
    const merged = others
      ? { ...(previous ?? summary), recipe: summary.recipe }
      : {
          ...summary,
          stability: { ...previous?.stability, ...summary.stability },
          recipe: previous?.recipe ?? null,
        };
    this.set({ summaries: { ...this.state.summaries, [level]: merged } });
  }

  private request({ level, schemes, others }: Wish): Parameters<OutputPort['measure']>[0] {
    const { calibration, shapes, activations } = this.recipe!;
    const activity = level === 'model' ? activations : null;
    return {
      level,
      schemes,
      layers: this.promising(),
      calibration: calibration!,
      shapes,
      activations: activity,
      others: others ? this.recipe : null,
    };
  }

  /** All layers, those first whose own output, or weights, suffer most under the recipe. */
  private promising(): string[] {
    const ratio = (name: string) => {
      const scheme = schemeOf(this.recipe!, name);
      const own =
        this.store.at('layer').get(name)?.errors[scheme] ??
        this.store.at('weights').get(name)?.errors[scheme];
      return scheme === FLOAT || !own ? Infinity : toNumber(own.sqnrDb);
    };
    return this.layers()
      .map((name) => ({ name, ratio: ratio(name) }))
      .sort((a, b) => (a.ratio === b.ratio ? 0 : a.ratio - b.ratio))
      .map(({ name }) => name);
  }

  private learn({ measurements, done, total }: MeasurementBatch): void {
    this.store.add(measurements);
    this.advance(done, total);
  }

  /** One level is measured at a time. */
  private run(level: OutputLevel | null): void {
    this.running = level;
    this.advance(0, 1);
  }

  private advance(done: number, total: number): void {
    const { progress } = NOTHING_MEASURED;
    const { running } = this;
    this.set({
      progress: running === null ? progress : { ...progress, [running]: { running: true, done, total } },
    });
  }

  private set(change: Partial<MeasuringState>): void {
    this.state = { ...this.state, ...change };
    this.port.onProgress();
  }
}

const OTHERS = keyOf('model', LEAVE_ONE_OUT);

function keyOf(level: Level, name: string): string {
  return `${level} ${name}`;
}

/** The part of a recipe that says how it quantizes, data and activations aside. */
function choicesOf(recipe: Recipe): string {
  const { default: scheme, layers, layerActivations, opset, format, repair, layerRepair } = recipe;
  return JSON.stringify([scheme, layers, layerActivations, opset, format, repair, layerRepair]);
}

function dataOf({ calibration, shapes, activations }: Recipe): string {
  return JSON.stringify([calibration, shapes, activations]);
}

function inputsOf({ calibration }: Recipe): MeasuringState['inputs'] {
  if (calibration === null) return null;
  return calibration === 'synthetic' ? 'synthetic' : 'data';
}
