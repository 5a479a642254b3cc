import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatDb } from '../../../src/core/report/format';
import type { LayerView } from '../../../src/core/measure/layerView';
import { FLOAT, specOf, type SchemeId } from '../../../src/core/scheme/scheme';
import { worstChannels } from '../../charts/drawChannelStrip';
import type { EditorStore } from '../../app/EditorStore';
import { say } from '../../app/intents';
import { base } from '../../app/styles';
import type { ViewState } from '../../app/ViewState';
import './channel-picker';
import './channel-strip';
import './error-map';
import '../layer/layer-facts';
import './vector-scatter';
import './value-histogram';
import type { HistogramPicture } from './value-histogram';

/** Channels that are called by their numbers. */
const WORST_CHANNELS = 5;

/** Pictures of a layer's weights under one scheme: their distribution, and where the errors are. */
@customElement('layer-weights')
export class LayerWeights extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .pictures {
        display: grid;
        gap: 16px 24px;
        grid-template-columns: minmax(0, 1fr);
        margin-top: 10px;
      }
      /* The pane is the container. */
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
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) picture!: LayerView;
  /** The scheme that is chosen or tried, of which the picture may not have come yet. */
  @property({ attribute: false }) scheme!: SchemeId;
  @property({ attribute: false }) channel: number | null = null;
  /** How many there are. */
  @property({ attribute: false }) channels = 1;

  override render() {
    const { picture } = this;
    return html`<div class="pictures">
      ${picture.vectors && this.view.pairs ? this.renderPairs(picture.vectors) : this.renderHistogram(picture)}
      ${this.renderChannels(picture)} ${this.renderErrors(picture)}
      <section aria-label="Figures"><layer-facts .picture=${picture}></layer-facts></section>
    </div>`;
  }

  private renderHistogram({ channel }: LayerView) {
    const { logCounts } = this.view;
    return html`<section aria-label="Histogram of the weights">
      <div class="bar">
        <h3>${channel === null ? 'Weights' : `Weights of channel ${channel}`}</h3>
        <div class="controls">
          ${this.picture.vectors ? this.renderSwitch('Show pairs', true) : nothing}
          <channel-picker .channels=${this.channels} .chosen=${this.channel}></channel-picker>
          <button
            class="link"
            aria-pressed=${logCounts}
            title="Show counts on a logarithmic axis"
            @click=${() => this.store.look({ logCounts: !logCounts })}
          >
            ${logCounts ? 'Linear counts' : 'Log counts'}
          </button>
        </div>
      </div>
      <value-histogram
        .picture=${weightsPicture(this.picture)}
        .scheme=${this.scheme}
        .logCounts=${logCounts}
      ></value-histogram>
      ${vectorNote(this.picture)}
    </section>`;
  }

  private renderPairs(vectors: NonNullable<LayerView['vectors']>) {
    return html`<section aria-label="Pairs of weights">
      <div class="bar">
        <h3>Pairs of weights and the codebook</h3>
        ${this.renderSwitch('Show histogram', false)}
      </div>
      <vector-scatter .vectors=${vectors}></vector-scatter>
    </section>`;
  }

  private renderSwitch(title: string, pairs: boolean) {
    return html`<button class="link" @click=${() => this.store.look({ pairs })}>${title}</button>`;
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
                @click=${() => say(this, 'pick-channel', channel)}
              >
                ${channel}
              </button>`,
          )}
        </span>
      </div>
      ${
        scheme === FLOAT
          ? html`<div class="none strip dim">no error</div>`
          : html`<channel-strip .sqnrDb=${channelSqnrDb} .chosen=${this.channel}></channel-strip>`
      }
    </section>`;
  }

  private renderErrors({ scheme, errorMap }: LayerView) {
    return html`<section aria-label="Error of the weights">
      <div class="bar"><h3>Largest absolute weight error per tile</h3></div>
      ${
        scheme === FLOAT
          ? html`<div class="none map dim">The weights stay as they are: there is no error.</div>`
          : html`<error-map .map=${errorMap}></error-map>`
      }
    </section>`;
  }
}

/** Why there is no picture of vectors that a plane cannot show. */
function vectorNote({ scheme, vectors }: LayerView) {
  const spec = specOf(scheme);
  if (spec.family !== 'vector' || vectors) return nothing;
  const { dimension, parts } = spec;
  const what =
    parts > 1
      ? `A product of ${parts} codebooks has no cells in one plane`
      : `Only vectors of 2 weights have cells in a plane, and these have ${dimension}`;
  return html`<p class="dim small">${what}: the histogram shows the weights one by one.</p>`;
}

function weightsPicture(view: LayerView): HistogramPicture {
  const { histogram, levels, clip, clipped, channel, errorMap, scales, error } = view;
  const weights = channel === null ? errorMap.matrixRows * errorMap.matrixColumns : errorMap.matrixColumns;
  const together = channel === null && scales.length > 1 ? ' of all channels together' : '';
  const none = error ? 'coded together, several at a time: no levels of their own' : 'left as they are';
  return {
    what: 'weight',
    histogram,
    levels,
    levelsNote: levels.length > 0 ? together : none,
    clip,
    clipped,
    clippedShare: clipped / Math.max(1, weights),
  };
}
