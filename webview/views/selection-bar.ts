import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { EditorState } from '../../src/shared/editorApi';
import { SCHEME_IDS, SCHEME_TEXT, type SchemeId } from '../../src/shared/scheme';
import { colourAt, css as rgb, SQNR_RANGE } from '../charts/colourScale';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { base } from '../styles';
import type { ViewState } from '../ViewState';
import { styled } from '../styled';

const LEGEND = Array.from({ length: 11 }, (_, i) => `${rgb(colourAt(i / 10))} ${i * 10}%`).join(', ');

/** Above the grid: filter, what is selected and what can be done with it, progress of the analysis, and the heatmap's legend. */
@customElement('selection-bar')
export class SelectionBar extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 6px 14px;
        min-height: 40px;
        padding: 6px 14px;
      }
      input {
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-input-border, transparent);
        border-radius: 2px;
        color: var(--vscode-input-foreground);
        font: inherit;
        height: 26px;
        padding: 0 6px;
        width: 190px;
      }
      input::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      .group {
        align-items: center;
        display: flex;
        gap: 8px;
      }
      .legend {
        font-size: 11px;
        margin-left: auto;
      }
      .scale {
        border: 1px solid var(--vscode-contrastBorder, transparent);
        height: 10px;
        width: 96px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) state!: EditorState;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) shown: readonly Row[] = [];

  override render() {
    const total = this.state.inspection!.layers.length;
    return html`
      <input
        type="search"
        placeholder="Filter layers"
        aria-label="Filter layers"
        .value=${this.view.filter}
        @input=${(event: Event) => this.store.look({ filter: (event.target as HTMLInputElement).value })}
      />
      <span class="dim number" role="status"
        >${this.shown.length === total ? `${total} layers` : `${this.shown.length} of ${total} layers`}</span
      >
      ${this.view.selected.length > 1 ? this.renderSelection() : nothing} ${this.renderAnalysis()}
      <div
        class="group legend"
        title="Weights only, no data: signal to quantization noise ratio of each layer under each scheme"
      >
        <span class="dim">Weight error, SQNR ${SQNR_RANGE.lowest}</span>
        <div
          class="scale"
          aria-hidden="true"
          ${styled({ background: `linear-gradient(to right, ${LEGEND})` })}
        ></div>
        <span class="dim">${SQNR_RANGE.highest} dB</span>
      </div>
    `;
  }

  private renderSelection() {
    const { selected } = this.view;
    return html`<div class="group" role="group" aria-label="Selected layers">
      <b class="number">${selected.length} selected</b>
      <select aria-label="Scheme of the selected layers" @change=${this.choose}>
        <option value="" selected>Set scheme…</option>
        ${SCHEME_IDS.map((id) => html`<option value=${id} title=${SCHEME_TEXT[id].description}>${SCHEME_TEXT[id].label}</option>`)}
      </select>
      <button class="link" @click=${() => this.store.choose(selected, null)}>Follow default</button>
      <button class="link" @click=${() => this.store.look({ selected: [] })}>Clear</button>
    </div>`;
  }

  private renderAnalysis() {
    const { running, done, total } = this.state.analysis;
    if (running)
      return html`<div class="group" role="status">
        <span class="dim number">Analysing ${done} of ${total}</span>
        <button class="link" @click=${() => this.store.send('cancelAnalysis', null)}>Cancel</button>
      </div>`;
    if (done >= total) return nothing;
    return html`<div class="group">
      <span class="dim number">Analysed ${done} of ${total}</span>
      <button class="link" @click=${() => this.store.send('startAnalysis', null)}>Analyse</button>
    </div>`;
  }

  private choose(event: Event): void {
    const select = event.target as HTMLSelectElement;
    this.store.choose(this.view.selected, select.value as SchemeId);
    select.value = '';
  }
}
