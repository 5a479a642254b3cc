import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { WeightMeasurement } from '../../../src/core/measure/Measurement';
import type { WeightError } from '../../../src/core/measure/errors';
import type { RateTheory } from '../../../src/core/measure/layerView';
import { CancelledError } from '../../../src/base/rpc';
import { isSlow, type SchemeId } from '../../../src/core/scheme/scheme';
import { ALL_SCHEMES } from '../../../src/core/scheme/schemeLists';
import type { EditorStore } from '../../app/EditorStore';

/** The errors measured so far of one layer. */
interface Contest {
  readonly errors: Map<SchemeId, WeightError>;
  theory: RateTheory | null;
  failure: string | null;
}

/** Quick schemes first, so that the picture is useful early. */
const IN_TURN = [...ALL_SCHEMES.filter((id) => !isSlow(id)), ...ALL_SCHEMES.filter(isSlow)];

/** Measures all schemes on the layer that is looked at, and only what is missing of it. */
export class LayerBakeOff implements ReactiveController {
  /** Layers that were looked at, in the model as it is now. */
  private contests = new Map<string, Contest>();
  private inspection: unknown = null;
  private layer: string | null = null;
  private running = new AbortController();

  constructor(private readonly host: ReactiveControllerHost & { readonly store: EditorStore }) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.running.abort();
    this.layer = null;
  }

  get current(): Contest | undefined {
    return this.contests.get(this.layer ?? '');
  }

  /** How many schemes there will be, and are measured. */
  get progress(): { readonly done: number; readonly total: number } {
    const errors = this.current?.errors;
    return { done: ALL_SCHEMES.filter((id) => errors?.has(id)).length, total: ALL_SCHEMES.length };
  }

  /** Turns to a layer, whose errors may be measured already. */
  show(layer: string, analysis: WeightMeasurement | undefined): void {
    const { inspection } = this.host.store.state;
    if (inspection !== this.inspection) {
      this.inspection = inspection;
      this.contests = new Map();
      this.layer = null;
    }
    if (layer === this.layer) return;
    this.layer = layer;
    let contest = this.contests.get(layer);
    if (!contest) this.contests.set(layer, (contest = { errors: new Map(), theory: null, failure: null }));
    for (const [scheme, error] of Object.entries(analysis?.errors ?? {}))
      if (error) contest.errors.set(scheme, error);
    void this.measure(layer, contest);
  }

  /** Asks once more for what could not be had. */
  retry(): void {
    const { current, layer } = this;
    if (!current || layer === null) return;
    current.failure = null;
    void this.measure(layer, current);
  }

  private async measure(layer: string, contest: Contest): Promise<void> {
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    const schemes = IN_TURN.filter((id) => !contest.errors.has(id));
    if (contest.theory && schemes.length === 0) return;
    const ask = (part: readonly SchemeId[]) =>
      this.host.store.bakeOff(
        { layer, schemes: part },
        {
          signal,
          onProgress: (entries) => {
            for (const { scheme, error } of entries) contest.errors.set(scheme, error);
            this.host.requestUpdate();
          },
        },
      );
    try {
      // Theory takes no measuring, and is the ground on which all else stands.
      contest.theory ??= await ask([]);
      this.host.requestUpdate();
      await ask(schemes);
    } catch (error) {
      if (error instanceof CancelledError) return;
      contest.failure = (error as Error).message;
    }
    this.host.requestUpdate();
  }
}
