import { isHostMessage, type EditorApi, type EditorState } from '../../src/protocol/editorApi';
import { NOTHING_MEASURED } from '../../src/core/measure/MeasureRequest';
import type { Level, Measured, Measurement } from '../../src/core/measure/Measurement';
import type { LayerActivations } from '../../src/core/measure/activationView';
import type { RepairView } from '../../src/core/measure/repairView';
import type { LayerView, RateTheory } from '../../src/core/measure/layerView';
import { EMPTY_RECIPE } from '../../src/core/recipe/recipe';
import type { CallOptions, Client } from '../../src/base/rpc';
import type { SchemeId } from '../../src/core/scheme/scheme';
import { readViewState, type ViewState } from './ViewState';

/** Calls with an answer, which have methods of their own. */
type Answered = 'layerView' | 'activationView' | 'repairView' | 'bakeOff' | 'showErrors';

const INITIAL: EditorState = {
  fileName: '',
  inspection: null,
  failure: null,
  recipe: EMPTY_RECIPE,
  measuring: NOTHING_MEASURED,
  data: null,
  notices: [],
  exporting: null,
  report: null,
  trusted: true,
};

/**
 * The state that the views render: the host's state as it was sent, the measurements that came in batches, and how the user looks at
 * them. Views never change it themselves but call its methods; intents go to the host.
 */
export class EditorStore extends EventTarget {
  state: EditorState = INITIAL;
  view: ViewState;
  /** By layer. A new Map whenever there are news, so that identity tells of change. */
  measured: ReadonlyMap<string, Measured> = new Map();
  /** Came since the last frame. */
  private arrived: Measurement[] = [];

  constructor(
    private readonly client: Client<EditorApi>,
    private readonly memory: { load(): unknown; save(state: ViewState): void },
  ) {
    super();
    this.view = readViewState(memory.load());
  }

  /** Takes in what the host says; what is for others, as answers to calls are, is left to them. */
  receive(message: unknown): void {
    if (!isHostMessage(message)) return;
    if (message.type === 'measurements') return this.collect(message.measurements);
    if (message.type === 'state') this.state = { ...this.state, ...message.state };
    else this.forget(message.levels);
    this.changed();
  }

  /** Makes the host send everything, and measure what is looked at. */
  start(): void {
    this.send('ready', null);
    this.measure();
  }

  /** Changes how the user looks at things; kept over hiding and restarts. */
  look(change: Partial<ViewState>): void {
    const { others, repaired } = this.view;
    this.remember(change);
    const { view } = this;
    if (change.level || change.schemes || view.others !== others || view.repaired !== repaired)
      this.measure();
    this.changed();
  }

  /** Has what the heatmap shows measured, as far as it is not; where that may not be, weight errors are shown again. */
  measure(): void {
    const { level, schemes, repaired, others } = this.view;
    this.client.call('showErrors', { level, schemes, repaired, others }).then(
      (may) => {
        if (!may && level !== 'weights' && this.view.level === level) this.look({ level: 'weights' });
      },
      () => undefined,
    );
  }

  /** Keeps what nothing is drawn from but the next start, such as the place that was scrolled to. */
  remember(change: Partial<ViewState>): void {
    this.view = { ...this.view, ...change };
    this.memory.save(this.view);
  }

  /** Sends an intent that has no answer. */
  send<K extends Exclude<keyof EditorApi, Answered>>(method: K, params: EditorApi[K]['params']): void {
    // The host tells its own failures in the editor or as a message; there is nothing to add here.
    this.client.call(method, params).catch(() => undefined);
  }

  choose(layers: readonly string[], scheme: SchemeId | null): void {
    if (layers.length > 0) this.send('chooseScheme', { layers, scheme });
  }

  layerView(request: EditorApi['layerView']['params'], signal: AbortSignal): Promise<LayerView> {
    return this.client.call('layerView', request, { signal });
  }

  activationView(
    request: EditorApi['activationView']['params'],
    signal: AbortSignal,
  ): Promise<LayerActivations | null> {
    return this.client.call('activationView', request, { signal });
  }

  repairView(request: EditorApi['repairView']['params'], signal: AbortSignal): Promise<RepairView | null> {
    return this.client.call('repairView', request, { signal });
  }

  bakeOff(
    request: EditorApi['bakeOff']['params'],
    options: CallOptions<EditorApi['bakeOff']['progress']>,
  ): Promise<RateTheory> {
    return this.client.call('bakeOff', request, options);
  }

  /** Batches can come faster than the screen: they are drawn once a frame. */
  private collect(news: readonly Measurement[]): void {
    if (this.arrived.length === 0) requestAnimationFrame(() => this.takeArrived());
    this.arrived.push(...news);
  }

  private takeArrived(): void {
    if (this.arrived.length === 0) return;
    const measured = new Map(this.measured);
    for (const each of this.arrived.splice(0))
      measured.set(each.layer, { ...measured.get(each.layer), [each.level]: each });
    this.measured = measured;
    this.changed();
  }

  private forget(levels: readonly Level[]): void {
    const isLeft = (level: string) => !levels.includes(level as Level);
    this.arrived = this.arrived.filter(({ level }) => isLeft(level));
    this.measured = new Map(
      [...this.measured].map(([layer, measured]) => [
        layer,
        Object.fromEntries(Object.entries(measured).filter(([level]) => isLeft(level))),
      ]),
    );
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
