import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { RepairView } from '../../../src/core/measure/repairView';
import { compareDb } from '../../../src/core/measure/Decibels';
import { isRepaired, type Recipe } from '../../../src/core/recipe/recipe';
import { NO_REPAIR } from '../../../src/core/recipe/repair';
import { formatCount, formatDb, formatShare } from '../../../src/core/report/format';
import { FLOAT, type SchemeId } from '../../../src/core/scheme/scheme';
import type { EditorStore } from '../../app/EditorStore';
import { LatestRequest } from '../../app/LatestRequest';
import { base } from '../../app/styles';
import { renderRepair, REPAIR_HEIGHT } from '../../charts/repairPicture';
import type { Row } from '../grid/rows';

interface Asked {
  readonly layer: string;
  readonly scheme: SchemeId;
  /** What else it follows from: the data, and the model's bytes. */
  readonly data: string;
}

/** What rounding by moments does to one layer: codes that move, and the output error channel by channel, before and after. */
@customElement('layer-repair')
export class LayerRepair extends LitElement {
  static override styles = [
    base,
    css`
      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        justify-content: space-between;
        min-height: 34px;
      }
      dl {
        display: grid;
        gap: 2px 16px;
        grid-template-columns: auto 1fr;
        margin: 8px 0;
      }
      dt {
        color: var(--vscode-descriptionForeground);
      }
      dd {
        margin: 0;
      }
      svg {
        display: block;
        overflow: visible;
      }
      .axes line {
        stroke: var(--line);
      }
      .axes text {
        fill: var(--vscode-descriptionForeground);
        font-size: 11px;
      }
      .curve {
        fill: none;
        stroke-width: 1.5px;
      }
      .nearest {
        stroke: var(--vscode-charts-orange, var(--vscode-descriptionForeground));
        stroke-dasharray: 4 2;
      }
      .chosen {
        stroke: var(--vscode-charts-blue, var(--vscode-focusBorder));
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 20px;
        margin: 0 0 8px 40px;
      }
      .legend svg {
        display: inline;
        vertical-align: middle;
      }
      .waiting {
        min-height: 220px;
        padding-top: 8px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row!: Row;
  @property({ attribute: false }) scheme!: SchemeId;
  @property({ attribute: false }) recipe!: Recipe;
  @state() private found: { readonly asked: Asked; readonly view: RepairView | null } | null = null;
  @state() private failure: string | null = null;
  @state() private width = 0;
  private asked: Asked | null = null;
  private readonly size = new ResizeObserver(
    ([entry]) => (this.width = Math.round(entry!.contentRect.width)),
  );
  private readonly latest = new LatestRequest<Asked, RepairView | null>({
    send: ({ layer, scheme }, signal) => this.store.repairView({ layer, scheme }, signal),
    isLong: () => true,
    answered: (asked, view) => {
      if (asked !== this.asked) return;
      this.found = { asked, view };
      this.failure = null;
    },
    failed: (asked, error) => {
      if (asked === this.asked) this.failure = error.message;
    },
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  protected override updated(changed: PropertyValues): void {
    if (!['row', 'scheme', 'recipe'].some((name) => changed.has(name)) || this.scheme === FLOAT) return;
    const { calibration, shapes } = this.recipe;
    const data = JSON.stringify([calibration, shapes, this.store.state.inspection?.model.bytes]);
    const asked = { layer: this.row.layer.name, scheme: this.scheme, data };
    if (JSON.stringify(asked) === JSON.stringify(this.asked)) return;
    this.found = null;
    this.asked = asked;
    this.failure = null;
    this.latest.ask(asked);
  }

  override render() {
    return html`<section aria-label="Repair of the layer">
      <div class="bar">
        <h3>Rounding by moments</h3>
        ${this.renderChoice()}
      </div>
      ${this.renderFound()}
    </section>`;
  }

  private renderChoice() {
    const { name } = this.row.layer;
    const { repair, layerRepair } = this.recipe;
    const own = Object.hasOwn(layerRepair, name) ? layerRepair[name]! : null;
    const other = own !== null && own !== NO_REPAIR ? [own] : [];
    return html`<select
      aria-label="Repairs of this layer"
      @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}
    >
      <option value="" .selected=${own === null}>As all: ${repair}</option>
      ${[...other, 'auto', 'gptq', 'bias', NO_REPAIR].map(
        (choice) => html`<option value=${choice} .selected=${choice === own}>${choice}</option>`,
      )}
    </select>`;
  }

  private renderFound() {
    if (this.scheme === FLOAT)
      return html`<p class="waiting dim">The layer stays in float: there is nothing to repair.</p>`;
    if (this.failure !== null) return html`<p class="waiting" role="alert">${this.failure}</p>`;
    if (!this.found)
      return html`<p class="waiting dim" role="status">
        Running the model on samples, and rounding by what this layer reads…
      </p>`;
    const { view } = this.found;
    if (!view)
      return html`<p class="waiting">
        Repairs follow from samples of what the model reads, and no data is chosen.
        <button class="link" @click=${() => this.store.send('askData', null)}>Choose data…</button>
      </p>`;
    return this.renderView(view);
  }

  private renderView(view: RepairView) {
    const { outputSqnrDb, weightSqnrDb, channelSqnrDb, samples } = view;
    const better = compareDb(outputSqnrDb.chosen, outputSqnrDb.nearest) > 0;
    const wanted = isRepaired(this.recipe, 'gptq', this.row.layer.name);
    return html`<dl class="number">
        <dt title="Of the layer's own output, its inputs as in the float model">Output SQNR</dt>
        <dd data-figure="repair-output">
          ${formatDb(outputSqnrDb.nearest)} → <b>${formatDb(outputSqnrDb.chosen)}</b>
        </dd>
        <dt>Weight SQNR</dt>
        <dd>
          ${formatDb(weightSqnrDb.nearest)} → ${formatDb(weightSqnrDb.chosen)}
          ${
            compareDb(weightSqnrDb.chosen, weightSqnrDb.nearest) < 0
              ? html`<span class="dim">worse, as levels are chosen for the output</span>`
              : nothing
          }
        </dd>
        <dt>Weights that moved</dt>
        <dd>${movedText(view)}</dd>
        <dt>Samples</dt>
        <dd>${samples.fitted} to round by; figures are of ${samples.judged} others</dd>
      </dl>
      ${better ? nothing : html`<p>The layer keeps the nearest levels: its output is no better for others.</p>`}
      ${
        better && !wanted
          ? html`<p class="dim">The recipe does not repair this layer; an export rounds it to nearest.</p>`
          : nothing
      }
      <svg
        role="img"
        aria-label="Output SQNR of each channel: ${rangeText(channelSqnrDb.nearest)} rounded to nearest, ${rangeText(channelSqnrDb.chosen)} as chosen"
        width=${this.width}
        height=${REPAIR_HEIGHT}
      >
        ${renderRepair(channelSqnrDb, this.width)}
      </svg>
      <div class="legend small" aria-hidden="true">
        ${legend('nearest', 'rounded to nearest')} ${legend('chosen', 'chosen for the output')}
      </div>`;
  }

  private choose(value: string): void {
    const layers = [this.row.layer.name];
    this.store.send('chooseLayerRepair', { layers, choice: value === '' ? null : value });
  }
}

function legend(kind: string, text: string) {
  return html`<span
    ><svg width="22" height="8"><path class="curve ${kind}" d="M0 4H22"></path></svg> ${text}</span
  >`;
}

function movedText({ weights, moved, distances }: RepairView): string {
  const all = `${formatCount(moved)} of ${formatCount(weights)} (${formatShare(moved / weights)})`;
  const steps = distances.flatMap((count, i) =>
    count === 0 ? [] : [`${formatCount(count)} by ${stepText(i, distances.length)}`],
  );
  return steps.length === 0 ? all : `${all}: ${steps.join(', ')}`;
}

function stepText(index: number, count: number): string {
  if (index === 0) return 'a scale';
  const many = index === count - 1 ? ' or more' : '';
  return `${index}${many} ${index === 1 && many === '' ? 'level' : 'levels'}`;
}

function rangeText(values: Float32Array): string {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return `${least.toFixed(1)} to ${most.toFixed(1)} dB`;
}
