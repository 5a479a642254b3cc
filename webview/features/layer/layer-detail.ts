import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatCount, formatShape } from '../../../src/core/report/format';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import type { EditorStore } from '../../app/EditorStore';
import { LayerPicture } from '../weights/LayerPicture';
import type { Row } from '../grid/rows';
import { base } from '../../app/styles';
import type { ViewState } from '../../app/ViewState';
import '../bake-off/bake-off';
import '../../components/tab-list';
import './layer-figures';
import '../input/layer-input';
import '../repair/layer-repair';
import '../weights/layer-weights';
import '../scheme/scheme-tuner';

const DETAILS = [
  ['weights', 'Weights'],
  ['input', 'Input'],
  ['repair', 'Repair'],
  ['bakeOff', 'Bake-off'],
] as const;
const MAX_BINS = 256;
const MIN_BINS = 24;
const MAP_ROWS = 96;
const MAP_COLUMNS = 192;

/**
 * Inside one layer: the scheme and what it comes to, and pictures of its weights. A scheme that is only tried, while
 * something is dragged or typed, is shown like a chosen one and goes to the recipe when that is over.
 */
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
      .choice {
        display: grid;
        gap: 8px 24px;
        grid-template-columns: minmax(0, 1fr);
      }
      /* Below the grid the pane is wide and low. */
      @container (min-width: 760px) {
        .choice {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
      }
      tab-list {
        display: block;
        margin-top: 10px;
      }
      .note {
        margin: 8px 0;
      }
      /* The picture of before stays for the moment that the new one takes; only a long wait shows. */
      .stale {
        opacity: 0.5;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row: Row | undefined;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  @state() private channel: number | null = null;
  /** A scheme that is being tried. */
  @state() private tried: SchemeId | null = null;
  private readonly picture = new LayerPicture(this);

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('row')) return;
    const before = changed.get('row') as Row | undefined;
    const another = before?.layer.name !== this.row?.layer.name;
    if (another) this.channel = null;
    if (another || before?.scheme !== this.row?.scheme) this.tried = null;
  }

  protected override updated(): void {
    const { row, scheme, channel } = this;
    if (!row || row.fixed !== null) return;
    const weights = channel === null ? row.layer.parameters : row.layer.parameters / row.layer.channels;
    this.picture.show({
      layer: row.layer.name,
      scheme,
      channel,
      bins: binsFor(weights),
      mapRows: MAP_ROWS,
      mapColumns: MAP_COLUMNS,
    });
  }

  private get scheme(): SchemeId {
    return this.tried ?? this.row!.scheme;
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
          ? this.renderChoice(this.row)
          : html`<p class="note">${fixed}</p>
              <p class="note dim">It is exported as it is.</p>`
      }
    `;
  }

  private renderChoice(row: Row) {
    const { chosen, layer } = row;
    const { view, failure, stale } = this.picture;
    const shown = view?.name === layer.name ? view : null;
    return html`<div
      class="tried"
      @preview-scheme=${this.try}
      @choose-scheme=${this.choose}
      @pick-channel=${this.pick}
    >
      <div class="choice">
        <scheme-tuner .scheme=${this.scheme} .chosen=${chosen} .used=${this.used}></scheme-tuner>
        <layer-figures class=${stale ? 'stale' : ''} .picture=${shown}></layer-figures>
      </div>
      ${
        failure
          ? html`<p class="note" role="alert">
              ${failure} <button class="link" @click=${() => this.picture.retry()}>Try Again</button>
            </p>`
          : nothing
      }
      <tab-list
        label="What is shown of the layer"
        .tabs=${DETAILS}
        .shown=${this.view.detail}
        @pick-tab=${(event: CustomEvent<ViewState['detail']>) => this.store.look({ detail: event.detail })}
      ></tab-list>
      ${
        this.view.detail === 'bakeOff'
          ? html`<bake-off
              .store=${this.store}
              .view=${this.view}
              .row=${row}
              .scheme=${this.scheme}
              .picture=${shown}
            ></bake-off>`
          : nothing
      }
      ${
        this.view.detail === 'input'
          ? html`<layer-input
              .store=${this.store}
              .row=${row}
              .recipe=${this.store.state.recipe}
              .logCounts=${this.view.logCounts}
            ></layer-input>`
          : nothing
      }
      ${
        this.view.detail === 'repair'
          ? html`<layer-repair
              .store=${this.store}
              .row=${row}
              .scheme=${this.scheme}
              .recipe=${this.store.state.recipe}
            ></layer-repair>`
          : nothing
      }
      ${
        view && this.view.detail === 'weights'
          ? html`<layer-weights
              class=${stale ? 'stale' : ''}
              aria-busy=${stale}
              .store=${this.store}
              .view=${this.view}
              .picture=${view}
              .scheme=${this.scheme}
              .channel=${this.channel}
              .channels=${layer.channels}
            ></layer-weights>`
          : nothing
      }
    </div>`;
  }

  private pick(event: CustomEvent<number | null>): void {
    this.channel = event.detail;
  }

  /** Null gives up what was tried. */
  private try({ detail }: CustomEvent<SchemeId | null>): void {
    this.tried = detail;
  }

  /** Null is the default scheme. */
  private choose({ detail }: CustomEvent<SchemeId | null>): void {
    const { layer, scheme } = this.row!;
    this.tried = detail === scheme ? null : detail;
    if (detail !== scheme) this.store.choose([layer.name], detail);
  }
}

/** Few weights in many bins are noise to the eye. */
function binsFor(weights: number): number {
  return Math.min(MAX_BINS, Math.max(MIN_BINS, Math.round(4 * Math.sqrt(weights))));
}
