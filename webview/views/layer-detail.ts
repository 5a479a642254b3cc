import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isSlow, specOf, type SchemeId } from '../../src/shared/scheme';
import { formatScheme } from '../../src/shared/schemeSyntax';
import type { LayerViewRequest } from '../../src/shared/engineApi';
import type { LayerView } from '../../src/shared/measures';
import { formatCount, formatDb, formatShape } from '../../src/shared/format';
import { CancelledError } from '../../src/shared/rpc';
import { worstChannels } from '../charts/drawChannelStrip';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { LatestOnly } from '../LatestOnly';
import { base } from '../styles';
import type { ViewState } from '../ViewState';
import './bake-off';
import './channel-picker';
import './channel-strip';
import type { ClipShares } from './clip-marks';
import './error-map';
import './layer-facts';
import './scheme-tuner';
import './vector-scatter';
import './weight-histogram';

const MOST_BINS = 256;
const LEAST_BINS = 24;
const MAP_ROWS = 96;
const MAP_COLUMNS = 192;
/** Channels that are called by their numbers. */
const WORST_CHANNELS = 5;

/** Inside one layer: its weights, the levels of the scheme, and where the errors are. */
@customElement('layer-detail')
export class LayerDetail extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        container-type: inline-size;
        display: block;
        padding: 10px 14px 20px;
      }
      header {
        margin-bottom: 8px;
      }
      h2 {
        max-height: 3.6em;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
      .pictures {
        display: grid;
        gap: 16px 24px;
        grid-template-columns: minmax(0, 1fr);
        margin-top: 10px;
      }
      /* Below the grid the pane is wide and low. */
      @container (min-width: 760px) {
        .pictures {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
      }
      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 2px 12px;
        justify-content: space-between;
        min-height: 26px;
      }
      .controls {
        align-items: center;
        display: flex;
        gap: 12px;
      }
      .note {
        margin: 8px 0;
      }
      .tabs {
        border-bottom: 1px solid var(--line);
        display: flex;
        gap: 4px;
        margin-top: 12px;
      }
      .tabs button {
        background: none;
        border: none;
        border-bottom: 2px solid transparent;
        color: var(--vscode-descriptionForeground);
        cursor: pointer;
        font: inherit;
        margin-bottom: -1px;
        padding: 4px 10px 5px;
      }
      .tabs button:hover {
        color: var(--vscode-foreground);
      }
      .tabs button[aria-selected='true'] {
        border-bottom-color: var(--vscode-focusBorder);
        color: var(--vscode-foreground);
        font-weight: 600;
      }
      .none {
        align-items: center;
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        display: flex;
        justify-content: center;
        text-align: center;
      }
      .none.strip {
        height: 48px;
        margin-bottom: 15px;
      }
      .none.map {
        height: 188px;
      }
      /* The picture of before stays for the moment that the new one takes; only a long wait shows. */
      .stale {
        opacity: 0.5;
        transition: opacity 0s 200ms;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row: Row | undefined;
  @property({ attribute: false }) view!: ViewState;
  /** Schemes on no list that the recipe chooses. */
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  /** A scheme that is looked at while it is dragged or typed, before it is chosen. */
  @state() private preview: SchemeId | null = null;
  @state() private channel: number | null = null;
  @state() private picture: LayerView | null = null;
  @state() private failure: string | null = null;
  /** What `picture` and `failure` are the answer to. */
  @state() private answered = '';
  private asked = '';
  /** What the picture's model was like. */
  private inspection: unknown = null;
  private asking = new AbortController();
  private askedScheme: SchemeId | null = null;
  private readonly answers = new LatestOnly<() => Promise<void>>((answer) => answer());

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('row')) return;
    const before = changed.get('row') as Row | undefined;
    if (before?.layer.name !== this.row?.layer.name) this.channel = null;
    // What the layer has now, be it what was tried or what an undo brought back, is what is shown.
    if (before?.scheme !== this.row?.scheme || before?.layer.name !== this.row?.layer.name)
      this.preview = null;
  }

  protected override updated(): void {
    this.ask();
  }

  override render() {
    if (!this.row) return html`<p class="dim">No layer is shown.</p>`;
    const { layer, fixed } = this.row;
    const { nodes, channels } = layer;
    const facts = [
      layer.op,
      formatShape(layer.shape),
      layer.elementType,
      `${formatCount(layer.parameters)} weights in ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
    ];
    return html`
      <header>
        <h2 dir="auto" title=${layer.name}>${layer.name}</h2>
        <div class="dim number">${facts.join(' · ')}</div>
        ${nodes.length > 1 ? html`<div class="dim">One weight, shared by ${nodes.join(', ')}</div>` : nothing}
      </header>
      ${
        fixed === null
          ? html`<scheme-tuner
                .store=${this.store}
                .row=${this.row}
                .scheme=${this.scheme}
                .used=${this.used}
                @preview-scheme=${(event: CustomEvent<SchemeId | null>) => (this.preview = event.detail)}
              ></scheme-tuner>
              ${this.renderTabs()}
              ${this.view.detail === 'bakeOff' ? this.renderBakeOff() : this.renderWeights()}`
          : html`<p class="note">${fixed}</p>
              <p class="note dim">It is exported as it is.</p>`
      }
    `;
  }

  private renderTabs() {
    const tab = (detail: ViewState['detail'], text: string, title: string) =>
      html`<button
        role="tab"
        aria-selected=${this.view.detail === detail}
        title=${title}
        @click=${() => this.store.look({ detail })}
      >
        ${text}
      </button>`;
    return html`<div class="tabs" role="tablist" aria-label="What is shown of the layer">
      ${tab('weights', 'Weights', 'Histogram, levels and errors under the chosen scheme')}
      ${tab('bakeOff', 'Bake-off', 'All schemes on this layer: error against bits')}
    </div>`;
  }

  private renderBakeOff() {
    return html`<bake-off
      .store=${this.store}
      .view=${this.view}
      .layer=${this.row!.layer}
      .chosen=${this.row!.scheme}
    ></bake-off>`;
  }

  private renderWeights() {
    return html`${this.failure ? html`<p class="note" role="alert">${this.failure}</p>` : nothing}
    ${this.picture ? this.renderPictures(this.picture) : nothing}`;
  }

  private renderPictures(picture: LayerView) {
    const stale = this.answered !== this.key;
    return html`<div class="pictures ${stale ? 'stale' : ''}" aria-busy=${stale}>
      ${this.renderHistogram(picture)} ${this.renderChannels(picture)} ${this.renderErrors(picture)}
      <section aria-label="Figures"><layer-facts .picture=${picture}></layer-facts></section>
    </div>`;
  }

  private renderHistogram(picture: LayerView) {
    const { channel, vectors } = picture;
    const { logCounts } = this.view;
    if (vectors && this.view.pairs)
      return html`<section aria-label="Weights in pairs">
        <div class="bar">
          <h3>Weights in pairs</h3>
          <button class="link" @click=${() => this.store.look({ pairs: false })}>Show histogram</button>
        </div>
        <vector-scatter .vectors=${vectors}></vector-scatter>
      </section>`;
    return html`<section aria-label="Histogram of the weights">
      <div class="bar">
        <h3>${channel === null ? 'Weights' : `Weights of channel ${channel}`}</h3>
        <div class="controls">
          <channel-picker
            .channels=${this.row!.layer.channels}
            .chosen=${this.channel}
            @pick-channel=${this.pick}
          ></channel-picker>
          <button
            class="link"
            aria-pressed=${logCounts}
            title="Show counts on a logarithmic axis"
            @click=${() => this.store.look({ logCounts: !logCounts })}
          >
            ${logCounts ? 'Linear counts' : 'Log counts'}
          </button>
          ${vectors ? html`<button class="link" @click=${() => this.store.look({ pairs: true })}>Show pairs</button>` : nothing}
        </div>
      </div>
      <weight-histogram
        .picture=${picture}
        .logCounts=${logCounts}
        .symmetric=${this.symmetric}
        .range=${this.clipShares}
        @clip=${(event: CustomEvent<ClipShares>) => (this.preview = this.clipped(event.detail))}
        @clip-end=${(event: CustomEvent<ClipShares>) => this.chooseClip(event.detail)}
      ></weight-histogram>
    </section>`;
  }

  private renderChannels({ channelSqnrDb, scheme }: LayerView) {
    const worst = worstChannels(channelSqnrDb, WORST_CHANNELS);
    return html`<section aria-label="Error of the channels">
      <div class="bar">
        <h3>SQNR per output channel</h3>
        <span class="dim small number">
          ${worst.length === 0 ? nothing : 'worst:'}
          ${worst.map(
            ({ channel, sqnrDb }) =>
              html`<button
                class="link"
                aria-label="Show channel ${channel}, ${formatDb(sqnrDb)}"
                title=${formatDb(sqnrDb)}
                @click=${() => (this.channel = channel)}
              >
                ${channel}
              </button>`,
          )}
        </span>
      </div>
      ${
        scheme === 'float'
          ? html`<div class="none strip dim">no error</div>`
          : html`<channel-strip
              .sqnrDb=${channelSqnrDb}
              .chosen=${this.channel}
              @pick-channel=${this.pick}
            ></channel-strip>`
      }
    </section>`;
  }

  private renderErrors({ scheme, errorMap }: LayerView) {
    return html`<section aria-label="Error of the weights">
      <div class="bar"><h3>Largest absolute weight error per tile</h3></div>
      ${
        scheme === 'float'
          ? html`<div class="none map dim">The weights stay as they are.</div>`
          : html`<error-map .map=${errorMap}></error-map>`
      }
    </section>`;
  }

  private pick(event: CustomEvent<number | null>): void {
    this.channel = event.detail;
  }

  private get scheme(): SchemeId {
    return this.preview ?? this.row!.scheme;
  }

  /** Whether the range has one share for both ends. */
  private get symmetric(): boolean {
    const spec = specOf(this.scheme);
    return !(spec.family === 'affine' && !spec.symmetric);
  }

  private get clipShares(): ClipShares | null {
    const spec = specOf(this.scheme);
    return 'range' in spec && spec.range.method === 'clip' ? spec.range : null;
  }

  /** The scheme with a range that ends at these shares. */
  private clipped({ lower, upper }: ClipShares): SchemeId {
    const spec = specOf(this.scheme);
    if (!('range' in spec)) return this.scheme;
    return formatScheme({ ...spec, range: { method: 'clip', lower, upper } });
  }

  private chooseClip(shares: ClipShares): void {
    this.preview = this.clipped(shares);
    this.store.choose([this.row!.layer.name], this.preview);
  }

  private get key(): string {
    return JSON.stringify([this.row!.layer.name, this.scheme, this.channel]);
  }

  /** Asks for what is to be shown, unless it was; the picture of before stays until the answer is there. */
  private ask(): void {
    const { inspection } = this.store.state;
    if (!this.row || this.row.fixed !== null || this.view.detail === 'bakeOff') return;
    // The same layer of a model that changed on disk is another one.
    if (this.key === this.asked && inspection === this.inspection) return;
    this.inspection = inspection;
    const key = (this.asked = this.key);
    const { scheme, channel } = this;
    const { layer } = this.row;
    const weights = channel === null ? layer.parameters : layer.parameters / layer.channels;
    const size = { bins: binsFor(weights), mapRows: MAP_ROWS, mapColumns: MAP_COLUMNS };
    // Most answers take less time than giving them up; and while a mark is dragged, each of them is worth showing.
    if (this.askedScheme !== null && isSlow(this.askedScheme)) this.asking.abort();
    this.answers.ask(() => this.answer(key, { layer: layer.name, scheme, channel, ...size }));
  }

  private async answer(key: string, request: Omit<LayerViewRequest, 'path'>): Promise<void> {
    this.asking = new AbortController();
    this.askedScheme = request.scheme;
    try {
      this.show(key, await this.store.layerView(request, this.asking.signal), null);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.show(key, null, (error as Error).message);
    }
  }

  private show(key: string, picture: LayerView | null, failure: string | null): void {
    this.picture = picture;
    this.failure = failure;
    this.answered = key;
  }
}

/** Few weights in many bins are noise to the eye. */
function binsFor(weights: number): number {
  return Math.min(MOST_BINS, Math.max(LEAST_BINS, Math.round(4 * Math.sqrt(weights))));
}
