import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { BakeOffEntry } from '../../src/shared/engineApi';
import { formatDb } from '../../src/shared/format';
import type { RateTheory } from '../../src/shared/measures';
import type { LayerSummary } from '../../src/shared/model';
import { CancelledError } from '../../src/shared/rpc';
import { ALL_SCHEMES, FLOAT, isSlow, type SchemeId } from '../../src/shared/scheme';
import { bakeOffPoints, type BakeOffPoint } from '../charts/bakeOffPoints';
import type { EditorStore } from '../EditorStore';
import { base } from '../styles';
import type { ViewState } from '../ViewState';
import './bake-off-chart';

/** Bits that the picture shows unless it is asked for all: above lie only the 16-bit schemes. */
const MOST_BITS = 9.6;

/** All schemes on one layer: error against bits per weight, and what theory allows; a click chooses. */
@customElement('bake-off')
export class BakeOff extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding-top: 8px;
      }
      .controls {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        min-height: 26px;
      }
      .controls label {
        align-items: center;
        cursor: pointer;
        display: flex;
        gap: 4px;
      }
      .controls .end {
        margin-left: auto;
      }
      table {
        border-collapse: collapse;
        margin-top: 6px;
        width: 100%;
      }
      th {
        color: var(--vscode-descriptionForeground);
        font-weight: normal;
        text-align: left;
      }
      th,
      td {
        padding: 1px 10px 1px 4px;
      }
      .right {
        font-variant-numeric: tabular-nums;
        text-align: right;
      }
      tr.chosen {
        background: var(--vscode-list-inactiveSelectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
      p {
        margin: 6px 0 0;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) layer!: LayerSummary;
  @property({ attribute: false }) chosen!: SchemeId;
  @state() private entries: readonly BakeOffEntry[] = [];
  @state() private theory: RateTheory | null = null;
  @state() private wanted = 0;
  @state() private failure: string | null = null;
  private asked: unknown[] = [];
  private asking = new AbortController();

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asking.abort();
    this.asked = [];
  }

  protected override updated(): void {
    const { inspection } = this.store.state;
    const missing = this.chosen !== FLOAT && !this.schemes().includes(this.chosen);
    const asked = [this.layer.name, inspection];
    if (asked.some((value, i) => value !== this.asked[i])) {
      this.asked = asked;
      void this.ask(this.schemes(), []);
    } else if (missing && this.entries.length === this.wanted) void this.ask([this.chosen], this.entries);
  }

  override render() {
    const { bakeOffTable: table, entropyCoded, allBits } = this.view;
    const points = bakeOffPoints(this.entries, entropyCoded, allBits ? Infinity : MOST_BITS);
    const toggle = (name: 'entropyCoded' | 'allBits' | 'bakeOffTable', text: string, title: string) =>
      html`<label title=${title}
        ><input
          type="checkbox"
          name=${name}
          .checked=${this.view[name]}
          @change=${() => this.store.look({ [name]: !this.view[name] })}
        />${text}</label
      >`;
    return html`
      <div class="controls">
        ${toggle('entropyCoded', 'Entropy coded', 'Count the bits that a perfect entropy coder would need; exports are not entropy coded')}
        ${toggle('allBits', '16 bits', 'Also show schemes of 16 bits')}
        ${toggle('bakeOffTable', 'As a table', 'The same figures as a table')}
        <span class="dim small number end" role="status">
          ${this.entries.length < this.wanted ? `${this.entries.length} of ${this.wanted} schemes` : nothing}
        </span>
      </div>
      ${this.failure ? html`<p role="alert">${this.failure}</p>` : nothing}
      ${
        table
          ? this.renderTable(points)
          : html`<bake-off-chart
              .points=${points}
              .theory=${this.theory}
              .chosen=${this.chosen}
              .entropyCoded=${entropyCoded}
              @choose-scheme=${(event: CustomEvent<SchemeId>) => this.choose(event.detail)}
            ></bake-off-chart>`
      }
      ${this.renderTheory()}
    `;
  }

  private renderTheory() {
    if (!this.theory) return html`<p class="dim small">Weight error, no data involved.</p>`;
    const { shape } = this.theory;
    const kind = shape < 1.2 ? 'near Laplacian' : shape > 1.7 && shape < 2.4 ? 'near Gaussian' : 'in between';
    return html`<p class="dim small">
      Weight error, no data involved. The curves are what theory allows for independent weights with this
      layer's fitted distribution: a generalized Gaussian of shape ${shape.toFixed(2)} (1 is Laplacian, 2
      Gaussian: ${shape > 2.4 ? 'nearer to uniform' : shape < 0.8 ? 'heavier tails' : kind}). Codebooks may
      beat them where weights depend on each other.
    </p>`;
  }

  private renderTable(points: readonly BakeOffPoint[]) {
    return html`<table>
      <caption class="visually-hidden">
        Error of every scheme on this layer
      </caption>
      <tr>
        <th scope="col">Scheme</th>
        <th scope="col" class="right">
          ${this.view.entropyCoded ? 'Bits, entropy coded' : 'Bits per weight'}
        </th>
        <th scope="col" class="right">Weight SQNR</th>
      </tr>
      ${points.map(
        ({ scheme, bits, sqnrDb }) =>
          html`<tr class=${scheme === this.chosen ? 'chosen' : ''}>
            <td>
              <button class="link" aria-pressed=${scheme === this.chosen} @click=${() => this.choose(scheme)}>
                ${scheme}
              </button>
            </td>
            <td class="right">${bits.toFixed(2)}</td>
            <td class="right">${formatDb(Number.isFinite(sqnrDb) ? sqnrDb : null)}</td>
          </tr>`,
      )}
    </table>`;
  }

  private choose(scheme: SchemeId): void {
    this.store.choose([this.layer.name], scheme);
  }

  /** Quick ones first, and the chosen one among them. */
  private schemes(): readonly SchemeId[] {
    const known = new Set([...ALL_SCHEMES, ...this.entries.map(({ scheme }) => scheme)]);
    return [...known].sort((a, b) => Number(isSlow(a)) - Number(isSlow(b)));
  }

  private async ask(schemes: readonly SchemeId[], before: readonly BakeOffEntry[]): Promise<void> {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    this.entries = before;
    this.wanted = before.length + schemes.length;
    this.failure = null;
    if (before.length === 0) this.theory = null;
    try {
      const take = (entries: readonly BakeOffEntry[]) => {
        if (!signal.aborted) this.entries = [...this.entries, ...entries];
      };
      const theory = await this.store.bakeOff({ layer: this.layer.name, schemes }, take, signal);
      if (!signal.aborted) this.theory = theory;
    } catch (error) {
      if (!signal.aborted && !(error instanceof CancelledError)) this.failure = (error as Error).message;
    }
  }
}
