import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LayerView } from '../../src/shared/measures';
import { formatCount, formatDb, formatShape } from '../../src/shared/format';
import { SCHEME_IDS, SCHEME_TEXT, type SchemeId } from '../../src/shared/scheme';
import { worstChannels } from '../charts/drawChannelStrip';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { base } from '../styles';
import './channel-strip';
import './error-map';
import './layer-facts';
import './weight-histogram';

const MOST_BINS = 256;
const LEAST_BINS = 24;
const MAP_ROWS = 96;
const MAP_COLUMNS = 192;

/** Inside one layer: its weights, the levels of the scheme, and where the errors are. */
@customElement('layer-detail')
export class LayerDetail extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding: 10px 14px 20px;
      }
      header {
        margin-bottom: 8px;
      }
      h2 {
        overflow-wrap: anywhere;
      }
      .schemes {
        border: none;
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin: 0 0 10px;
        padding: 0;
      }
      .schemes label {
        border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, #8886));
        border-radius: 3px;
        cursor: pointer;
        min-height: 24px;
        padding: 2px 8px;
      }
      .schemes label:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .schemes label.on {
        background: var(--vscode-button-background);
        border-color: var(--vscode-contrastActiveBorder, transparent);
        color: var(--vscode-button-foreground);
      }
      .schemes label.on .dim {
        color: inherit;
      }
      .schemes input {
        appearance: none;
        height: 0;
        margin: 0;
        position: absolute;
        width: 0;
      }
      .schemes label:has(:focus-visible) {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: 1px;
      }
      .part {
        margin-top: 14px;
      }
      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        justify-content: space-between;
        min-height: 26px;
      }
      .note {
        margin: 8px 0;
      }
      .stale {
        opacity: 0.75;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row: Row | undefined;
  @property({ attribute: false }) logCounts = false;
  @state() private channel: number | null = null;
  @state() private picture: LayerView | null = null;
  @state() private failure: string | null = null;
  private asked = '';

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('row') as Row | undefined;
    if (changed.has('row') && before?.layer.name !== this.row?.layer.name) {
      this.channel = null;
      this.picture = null;
      this.failure = null;
    }
  }

  protected override updated(): void {
    void this.fetch();
  }

  override render() {
    if (!this.row) return html`<p class="dim">Choose a layer to look inside.</p>`;
    const { layer, fixed } = this.row;
    return html`
      <header>
        <h2 dir="auto">${layer.name}</h2>
        <div class="dim">
          ${layer.op} · ${formatShape(layer.shape)} · ${layer.elementType} · ${formatCount(layer.parameters)}
          weights in ${layer.channels} ${layer.channels === 1 ? 'channel' : 'channels'}
          ${layer.nodes.length > 1 ? html`· shared by ${layer.nodes.length} nodes` : nothing}
        </div>
      </header>
      ${fixed === null ? this.renderSchemes() : html`<p class="note">${fixed}</p>`}
      ${this.failure ? html`<p class="note" role="alert">${this.failure}</p>` : nothing}
      ${this.picture ? this.renderPicture(this.picture) : nothing}
    `;
  }

  private renderSchemes() {
    const { scheme, analysis, layer } = this.row!;
    return html`<fieldset class="schemes" role="radiogroup" aria-label="Scheme of ${layer.name}">
      ${SCHEME_IDS.map((id) => {
        const error = id === 'float' ? undefined : analysis?.schemes[id];
        return html`<label class=${id === scheme ? 'on' : ''} title=${SCHEME_TEXT[id].description}>
          <input
            type="radio"
            name="scheme"
            value=${id}
            .checked=${id === scheme}
            @change=${() => this.choose(id)}
          />
          ${SCHEME_TEXT[id].label}
          ${error ? html`<span class="dim number">${formatDb(error.sqnrDb)}</span>` : nothing}
        </label>`;
      })}
    </fieldset>`;
  }

  private renderPicture(picture: LayerView) {
    const { channelSqnrDb } = picture;
    const pick = (event: CustomEvent<number | null>) => (this.channel = event.detail);
    return html`<div class=${picture.scheme === this.row!.scheme ? '' : 'stale'}>
      <section class="part" aria-label="Histogram of the weights">
        <div class="bar">
          <h2>Weights ${picture.channel === null ? 'of all channels' : `of channel ${picture.channel}`}</h2>
          <span>
            ${picture.channel === null ? nothing : html`<button class="link" @click=${() => (this.channel = null)}>All channels</button>`}
            <button
              class="link"
              aria-pressed=${this.logCounts}
              @click=${() => this.store.look({ logCounts: !this.logCounts })}
            >
              ${this.logCounts ? 'Linear counts' : 'Log counts'}
            </button>
          </span>
        </div>
        <weight-histogram .picture=${picture} .logCounts=${this.logCounts}></weight-histogram>
      </section>
      ${
        channelSqnrDb.length === 0
          ? nothing
          : html`
              <section class="part" aria-label="Error of the channels">
                <div class="bar">
                  <h2>SQNR of each output channel</h2>
                  <span class="dim"
                    >worst:
                    ${worstChannels(channelSqnrDb, 3).map(
                      ({ channel, sqnrDb }) =>
                        html`<button class="link number" @click=${() => (this.channel = channel)}>
                          ${channel} (${formatDb(sqnrDb)})
                        </button>`,
                    )}</span
                  >
                </div>
                <channel-strip
                  .sqnrDb=${channelSqnrDb}
                  .chosen=${this.channel}
                  @pick-channel=${pick}
                ></channel-strip>
              </section>
              <section class="part" aria-label="Error of the weights">
                <div class="bar"><h2>Largest weight error per tile</h2></div>
                <error-map .map=${picture.errorMap}></error-map>
              </section>
            `
      }
      <section class="part" aria-label="Figures"><layer-facts .picture=${picture}></layer-facts></section>
    </div>`;
  }

  private choose(scheme: SchemeId): void {
    this.store.choose([this.row!.layer.name], scheme);
  }

  /** Asks for what is to be shown, unless it was asked for; the old picture stays until the new one is there. */
  private async fetch(): Promise<void> {
    if (!this.row || this.row.fixed !== null) return;
    const { layer, scheme } = this.row;
    const request = {
      layer: layer.name,
      scheme,
      channel: this.channel,
      bins: binsFor(this.channel === null ? layer.parameters : layer.parameters / layer.channels),
      mapRows: MAP_ROWS,
      mapColumns: MAP_COLUMNS,
    };
    const key = JSON.stringify([request, layer]);
    if (key === this.asked) return;
    this.asked = key;
    try {
      const picture = await this.store.layerView(request);
      if (key !== this.asked) return;
      this.picture = picture;
      this.failure = null;
    } catch (error) {
      if (key === this.asked) this.failure = (error as Error).message;
    }
  }
}

/** Few weights in many bins are noise to the eye. */
function binsFor(weights: number): number {
  return Math.min(MOST_BINS, Math.max(LEAST_BINS, Math.round(4 * Math.sqrt(weights))));
}
