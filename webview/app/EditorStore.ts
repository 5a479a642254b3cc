import type { EditorApi, EditorState, HostMessage } from '../../src/protocol/editorApi';
import {
  mergeMeasurement,
  type WeightMeasurement,
  type Measured,
  type Measurement,
} from '../../src/core/measure/Measurement';
import type { LayerActivations } from '../../src/core/measure/activationView';
import type { LayerView, RateTheory } from '../../src/core/measure/layerView';
import { EMPTY_RECIPE } from '../../src/core/recipe/recipe';
import type { CallOptions, Client } from '../../src/base/rpc';
import type { SchemeId } from '../../src/core/scheme/scheme';
import { readViewState, type ViewState } from './ViewState';

const INITIAL: EditorState = {
  fileName: '',
  inspection: null,
  failure: null,
  recipe: EMPTY_RECIPE,
  analysis: { running: false, done: 0, total: 0 },
  sensitivity: { running: null, done: 0, total: 0, inputs: null, summaries: {} },
  data: null,
  notices: [],
  exporting: null,
  report: null,
  trusted: true,
};

/**
 * The state that the views render: the host's state as it was sent, the analyses that came in batches, and how the user looks at
 * them. Views never change it themselves but call its methods; intents go to the host.
 */
export class EditorStore extends EventTarget {
  state: EditorState = INITIAL;
  view: ViewState;
  /** A new Map whenever there are news, so that identity tells of change. */
  analyses: ReadonlyMap<string, WeightMeasurement> = new Map();
  /** Errors at outputs, by layer; as `analyses`. */
  outputs: ReadonlyMap<string, Measured> = new Map();
  /** Came since the last frame. */
  private readonly arrived: WeightMeasurement[] = [];
  private readonly measured: Measurement[] = [];

  constructor(
    private readonly client: Client<EditorApi>,
    private readonly memory: { load(): unknown; save(state: ViewState): void },
  ) {
    super();
    this.view = readViewState(memory.load());
  }

  /** Takes in what the host says. */
  receive(message: HostMessage): void {
    if (message.type === 'state') {
      this.state = { ...this.state, ...message.state };
      this.changed();
    } else if (message.type === 'analysisReset') {
      this.arrived.length = 0;
      this.analyses = new Map();
      this.changed();
    } else if (message.type === 'outputErrorsReset') {
      this.measured.length = 0;
      this.outputs = new Map();
      this.changed();
    } else if (message.type === 'outputErrors') this.collect(this.measured, message.layers);
    else
      this.collect(
        this.arrived,
        message.batch.measurements.filter((each) => each.level === 'weights'),
      );
  }

  /** Makes the host send everything, and analyse what is looked at. */
  start(): void {
    this.send('showSchemes', { schemes: this.view.schemes });
    this.send('ready', null);
    this.measure();
  }

  /** Changes how the user looks at things; kept over hiding and restarts. */
  look(change: Partial<ViewState>): void {
    const { others } = this.view;
    this.remember(change);
    if (change.schemes) this.send('showSchemes', { schemes: change.schemes });
    if (change.level || change.schemes || this.view.others !== others) this.measure();
    this.changed();
  }

  /** Has what the heatmap shows measured, as far as it is not; where that may not be, weight errors are shown again. */
  measure(): void {
    const { level, schemes, others } = this.view;
    this.client.call('showErrors', { level, schemes, others }).then(
      (may) => {
        if (!may && this.view.level === level) this.look({ level: 'weights' });
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
  send<K extends Exclude<keyof EditorApi, 'layerView' | 'activationView' | 'bakeOff' | 'showErrors'>>(
    method: K,
    params: EditorApi[K]['params'],
  ): void {
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

  bakeOff(
    request: EditorApi['bakeOff']['params'],
    options: CallOptions<EditorApi['bakeOff']['progress']>,
  ): Promise<RateTheory> {
    return this.client.call('bakeOff', request, options);
  }

  /** Batches can come faster than the screen: they are drawn once a frame. */
  private collect<T>(arrived: T[], news: readonly T[]): void {
    if (this.arrived.length + this.measured.length === 0) requestAnimationFrame(() => this.takeArrived());
    arrived.push(...news);
  }

  private takeArrived(): void {
    if (this.arrived.length + this.measured.length === 0) return;
    const analyses = new Map(this.analyses);
    for (const layer of this.arrived.splice(0))
      analyses.set(layer.layer, mergeMeasurement(analyses.get(layer.layer), layer));
    const outputs = new Map(this.outputs);
    for (const errors of this.measured.splice(0))
      outputs.set(errors.layer, { ...outputs.get(errors.layer), [errors.level]: errors });
    this.analyses = analyses;
    this.outputs = outputs;
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
