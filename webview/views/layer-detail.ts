import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LayerView } from '../../src/shared/measures';
import { formatCount, formatDb, formatShape } from '../../src/shared/format';
import { CancelledError } from '../../src/shared/rpc';
import { worstChannels } from '../charts/drawChannelStrip';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { base } from '../styles';
import './channel-picker';
import './channel-strip';
import './error-map';
import './layer-facts';
import './layer-schemes';
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
  @property({ attribute: false }) logCounts = false;
  @state() private channel: number | null = null;
  @state() private picture: LayerView | null = null;
  @state() private failure: string | null = null;
  /** What `picture` and `failure` are the answer to. */
  @state() private answered = '';
  private asked = '';
  /** What the picture's model was like. */
  private inspection: unknown = null;
  private asking = new AbortController();

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get('row') as Row | undefined;
    if (changed.has('row') && before?.layer.name !== this.row?.layer.name) this.channel = null;
  }

  protected override updated(): void {
    void this.ask();
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
          ? html`<layer-schemes .store=${this.store} .row=${this.row}></layer-schemes>
              ${this.failure ? html`<p class="note" role="alert">${this.failure}</p>` : nothing}
              ${this.picture ? this.renderPictures(this.picture) : nothing}`
          : html`<p class="note">${fixed}</p>
              <p class="note dim">It is exported as it is.</p>`
      }
    `;
  }

  private renderPictures(picture: LayerView) {
    const stale = this.answered !== this.key;
    return html`<div class="pictures ${stale ? 'stale' : ''}" aria-busy=${stale}>
      ${this.renderHistogram(picture)} ${this.renderChannels(picture)} ${this.renderErrors(picture)}
      <section aria-label="Figures"><layer-facts .picture=${picture}></layer-facts></section>
    </div>`;
  }

  private renderHistogram(picture: LayerView) {
    const { channel } = picture;
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
            aria-pressed=${this.logCounts}
            title="Show counts on a logarithmic axis"
            @click=${() => this.store.look({ logCounts: !this.logCounts })}
          >
            ${this.logCounts ? 'Linear counts' : 'Log counts'}
          </button>
        </div>
      </div>
      <weight-histogram .picture=${picture} .logCounts=${this.logCounts}></weight-histogram>
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

  private get key(): string {
    return JSON.stringify([this.row!.layer.name, this.row!.scheme, this.channel]);
  }

  /** Asks for what is to be shown, unless it was; the picture of before stays until the answer is there. */
  private async ask(): Promise<void> {
    const { inspection } = this.store.state;
    if (!this.row || this.row.fixed !== null) return;
    // The same layer of a model that changed on disk is another one.
    if (this.key === this.asked && inspection === this.inspection) return;
    this.inspection = inspection;
    const key = (this.asked = this.key);
    this.asking.abort();
    this.asking = new AbortController();
    const { layer, scheme } = this.row;
    const weights = this.channel === null ? layer.parameters : layer.parameters / layer.channels;
    const size = { bins: binsFor(weights), mapRows: MAP_ROWS, mapColumns: MAP_COLUMNS };
    const request = { layer: layer.name, scheme, channel: this.channel, ...size };
    try {
      const picture = await this.store.layerView(request, this.asking.signal);
      if (key === this.asked) this.show(key, picture, null);
    } catch (error) {
      const cancelled = error instanceof CancelledError;
      if (key === this.asked && !cancelled) this.show(key, null, (error as Error).message);
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
