import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import {
  ACTIVATION_RANGES,
  FLOAT_ACTIVATIONS,
  type ActivationChoice,
} from '../../../src/core/scheme/activations';
import type { LayerActivations } from '../../../src/core/measure/activationView';
import { formatDb, formatShare, formatValue } from '../../../src/core/report/format';
import type { Recipe } from '../../../src/core/recipe/recipe';
import type { EditorStore } from '../../app/EditorStore';
import type { Row } from '../grid/rows';
import { LatestRequest } from '../../app/LatestRequest';
import { base } from '../../app/styles';
import '../weights/value-histogram';

const BINS = 160;
/** How inputs are looked at while the recipe leaves all activations in float. */
const OTHERWISE = 'uint8';

interface Asked {
  readonly layer: string;
  readonly activations: string;
  /** The data, as far as it matters whether it is the same. */
  readonly data: string;
}

/** A layer's input: its distribution over the samples, and the levels that quantization moves it to. */
@customElement('layer-input')
export class LayerInput extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        margin-top: 10px;
      }
      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        justify-content: space-between;
        min-height: 26px;
      }
      .controls {
        align-items: center;
        display: flex;
        gap: 12px;
      }
      dl {
        display: grid;
        gap: 2px 16px;
        grid-template-columns: auto 1fr;
        margin: 10px 0 0;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .waiting {
        min-height: 220px;
        padding-top: 8px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row!: Row;
  @property({ attribute: false }) recipe!: Recipe;
  @property({ attribute: false }) logCounts = false;
  @state() private found: { readonly asked: Asked; readonly activations: LayerActivations | null } | null =
    null;
  @state() private failure: string | null = null;
  private asked: Asked | null = null;
  private readonly latest = new LatestRequest<Asked, LayerActivations | null>({
    send: ({ layer, activations }, signal) =>
      this.store.activationView({ layer, activations, bins: BINS }, signal),
    isLong: () => false,
    answered: (asked, activations) => {
      if (asked !== this.asked) return;
      this.found = { asked, activations };
      this.failure = null;
    },
    failed: (asked, error) => {
      if (asked === this.asked) this.failure = error.message;
    },
  });

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('row') && !changed.has('recipe')) return;
    const { calibration, shapes } = this.recipe;
    const data = JSON.stringify([calibration, shapes, this.store.state.inspection?.model.bytes]);
    const asked = { layer: this.row.layer.name, activations: this.activations, data };
    if (JSON.stringify(asked) === JSON.stringify(this.asked)) return;
    if (asked.layer !== this.asked?.layer) this.found = null;
    this.asked = asked;
    this.failure = null;
    this.latest.ask(asked);
  }

  /** The choice for this layer; null if it follows all others. */
  private get choice(): ActivationChoice | null {
    const { layerActivations } = this.recipe;
    const { name } = this.row.layer;
    return Object.hasOwn(layerActivations, name) ? layerActivations[name]! : null;
  }

  /** How the input is quantized, or would be. */
  private get activations(): string {
    const all = this.recipe.activations ?? OTHERWISE;
    const { choice } = this;
    return choice === null || choice === FLOAT_ACTIVATIONS ? all : `${all.split('/')[0]!}/${choice}`;
  }

  override render() {
    return html`<section aria-label="What the layer reads">
      <div class="bar">
        <h3>Input of the layer</h3>
        <div class="controls">
          ${this.recipe.activations === null ? nothing : this.renderChoice()}
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
      ${this.renderFound()}
    </section>`;
  }

  private renderChoice() {
    const { choice } = this;
    const names: readonly string[] = [...ACTIVATION_RANGES, FLOAT_ACTIVATIONS];
    const other = choice !== null && !names.includes(choice) ? [choice] : [];
    return html`<select
      aria-label="Range of this layer's input"
      @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}
    >
      <option value="" .selected=${choice === null}>As all: ${this.recipe.activations}</option>
      ${[...other, ...names].map(
        (name) =>
          html`<option value=${name} .selected=${name === choice}>${RANGE_TEXTS[name] ?? name}</option>`,
      )}
    </select>`;
  }

  private renderFound() {
    if (this.failure !== null) return html`<p class="waiting" role="alert">${this.failure}</p>`;
    if (!this.found) return html`<p class="waiting dim" role="status">Observing what the layers read…</p>`;
    const { activations } = this.found;
    if (!activations)
      return html`<p class="waiting">
        What layers read is known by running the model on data, and none is chosen.
        <button class="link" @click=${() => this.store.send('askData', null)}>Choose data…</button>
      </p>`;
    return this.renderActivations(activations, this.found.asked.activations);
  }

  private renderActivations({ tensor, view, inputs, samples }: LayerActivations, activations: string) {
    const { histogram, levels, sqnrDb, clippedShare, zeroShare, notFinite } = view;
    const isFloat = this.recipe.activations === null || this.choice === FLOAT_ACTIVATIONS;
    const data =
      inputs === 'synthetic'
        ? `${samples} synthetic samples (random numbers)`
        : `${samples} samples of your data`;
    return html`<value-histogram
        .picture=${{ what: 'input', histogram, levels, levelsNote: '', clip: null, clipped: null, clippedShare }}
        .logCounts=${this.logCounts}
      ></value-histogram>
      <dl class="number">
        <dt>Quantized as</dt>
        <dd>${isFloat ? `float (the levels are those of ${activations})` : activations}</dd>
        <dt title="Signal to quantization noise ratio of the input itself, estimated from its histogram">
          Input SQNR
        </dt>
        <dd data-figure="input-sqnr">${formatDb(sqnrDb)}</dd>
        <dt>Range</dt>
        <dd>${formatValue(histogram.lo)} to ${formatValue(histogram.hi)}</dd>
        <dt>Zeros</dt>
        <dd>${formatShare(zeroShare)}</dd>
        ${
          notFinite > 0
            ? html`<dt>NaN, infinite</dt>
                <dd>${notFinite}</dd>`
            : nothing
        }
        <dt>Observed on</dt>
        <dd>${data}</dd>
        <dt>Tensor</dt>
        <dd dir="auto">${tensor}</dd>
      </dl>`;
  }

  private choose(value: string): void {
    const layers = [this.row.layer.name];
    this.store.send('chooseActivations', { layers, choice: value === '' ? null : value });
  }
}

const RANGE_TEXTS: Readonly<Record<string, string>> = {
  minmax: 'least to greatest',
  average: "mean of the samples' ranges",
  mse: 'least squared error',
  entropy: 'least divergence',
  'p99.9': '99.9 % of the values',
  'p99.99': '99.99 % of the values',
  float: 'leave in float',
};
