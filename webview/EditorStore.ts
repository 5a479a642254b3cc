import type { EditorApi, EditorState, HostMessage } from '../src/shared/editorApi';
import type { LayerAnalysis, LayerView } from '../src/shared/measures';
import { EMPTY_RECIPE } from '../src/shared/recipe';
import type { Client } from '../src/shared/rpc';
import type { SchemeId } from '../src/shared/scheme';
import { DEFAULT_VIEW, readViewState, type ViewState } from './ViewState';

const INITIAL: EditorState = {
  fileName: '',
  inspection: null,
  failure: null,
  recipe: EMPTY_RECIPE,
  analysis: { running: false, done: 0, total: 0 },
  notices: [],
  exporting: null,
  report: null,
  trusted: true,
};

/**
 * What the views render: the host's state as it was sent, the analyses that came in batches, and how the user looks at them. Views never
 * change it themselves but call its methods; intents go to the host.
 */
export class EditorStore extends EventTarget {
  state: EditorState = INITIAL;
  view: ViewState;
  /** A new Map with every batch, so that identity tells of change. */
  analyses: ReadonlyMap<string, LayerAnalysis> = new Map();

  constructor(
    private readonly client: Client<EditorApi>,
    private readonly memory: { load(): unknown; save(state: ViewState): void },
  ) {
    super();
    this.view = { ...DEFAULT_VIEW, ...readViewState(memory.load()) };
  }

  /** Takes in what the host says. */
  receive(message: HostMessage): void {
    if (message.type === 'state') this.state = { ...this.state, ...message.state };
    else if (message.type === 'analysisReset') this.analyses = new Map();
    else if (message.type === 'analysis') {
      const analyses = new Map(this.analyses);
      for (const layer of message.batch.layers) analyses.set(layer.name, layer);
      this.analyses = analyses;
    } else return;
    this.changed();
  }

  /** Changes how the user looks at things; kept over hiding and restarts. */
  look(change: Partial<ViewState>): void {
    this.view = { ...this.view, ...change };
    this.memory.save(this.view);
    this.changed();
  }

  /** Sends an intent that has no answer. */
  send<K extends Exclude<keyof EditorApi, 'layerView'>>(method: K, params: EditorApi[K]['params']): void {
    void this.client.call(method, params);
  }

  choose(layers: readonly string[], scheme: SchemeId | null): void {
    if (layers.length > 0) this.send('chooseScheme', { layers, scheme });
  }

  layerView(request: EditorApi['layerView']['params']): Promise<LayerView> {
    return this.client.call('layerView', request);
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
