import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { LevelProgress } from '../../../src/core/measure/MeasureRequest';
import type { Level } from '../../../src/core/measure/Measurement';
import type { EditorState } from '../../../src/protocol/editorApi';
import { cssProperties } from '../../components/cssProperties';
import type { EditorStore } from '../../app/EditorStore';
import { LEVELS } from './heatHeading';
import type { Row } from './rows';
import { base } from '../../app/styles';
import { isChecked } from '../../components/toolkit';
import type { ViewState } from '../../app/ViewState';
import './column-picker';
import '../../components/drop-down';

/** Above the grid: filter, columns and progress of the analysis. */
@customElement('grid-toolbar')
export class GridToolbar extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 6px 12px;
        min-height: 38px;
        padding: 6px 14px;
      }
      input[type='search'] {
        flex: 0 1 200px;
        min-width: 120px;
      }
      .group {
        align-items: center;
        display: flex;
        gap: 8px;
      }
      .levels {
        align-items: center;
        display: flex;
      }
      .levels span {
        margin-right: 6px;
      }
      .levels button {
        position: relative;
        background: transparent;
        border: 1px solid var(--vscode-checkbox-border, var(--vscode-contrastBorder, var(--line)));
        color: inherit;
        cursor: pointer;
        font: inherit;
        height: 24px;
        margin-left: -1px;
        padding: 0 8px;
      }
      .levels button[aria-checked='true'] {
        background: var(--vscode-inputOption-activeBackground);
        border-color: var(--vscode-inputOption-activeBorder, var(--vscode-focusBorder));
        /* High contrast themes have no background for it. */
        box-shadow: inset 0 -3px 0 var(--vscode-contrastActiveBorder, transparent);
        color: var(--vscode-inputOption-activeForeground);
        z-index: 1;
      }
      .levels button:focus-visible {
        border-color: var(--vscode-focusBorder);
        z-index: 1;
      }
      .end {
        margin-left: auto;
      }
      .track {
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        height: 4px;
        width: 80px;
      }
      .track div {
        background: var(--vscode-progressBar-background);
        height: 100%;
      }
      vscode-checkbox {
        margin: 0;
        min-height: 22px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) state!: EditorState;
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) shown: readonly Row[] = [];
  @query('input[type="search"]') private filter!: HTMLInputElement;

  /** Puts the keyboard into the filter. */
  focusFilter(): void {
    this.filter.focus();
    this.filter.select();
  }

  override render() {
    const { rows, shown, view } = this;
    const count = shown.length === rows.length ? `${rows.length}` : `${shown.length} of ${rows.length}`;
    return html`
      <input
        type="search"
        placeholder="Filter layers (/)"
        aria-label="Filter layers"
        .value=${view.filter}
        @input=${() => this.store.look({ filter: this.filter.value })}
        @keydown=${this.onFilterKey}
      />
      ${this.renderOps()} ${this.renderOnlyQuantizable()}
      <span class="dim number" role="status">${count} ${rows.length === 1 ? 'layer' : 'layers'}</span>
      <drop-down label="Columns"
        ><column-picker .store=${this.store} .view=${view}></column-picker
      ></drop-down>
      ${this.renderLevels()} ${this.renderRepaired()} ${this.renderOthers()} ${this.renderFloatLayers()}
      ${this.renderMeasuring()} ${this.renderAnalysis()}
    `;
  }

  private renderOps() {
    const ops = [...new Set(this.rows.map(({ layer }) => layer.op))].sort();
    if (ops.length < 2) return nothing;
    return html`<select
      aria-label="Operator"
      @change=${(event: Event) => this.store.look({ op: (event.target as HTMLSelectElement).value })}
    >
      <option value="" ?selected=${this.view.op === ''}>All operators</option>
      ${ops.map((op) => html`<option value=${op} ?selected=${op === this.view.op} .selected=${op === this.view.op}>${op}</option>`)}
    </select>`;
  }

  private renderOnlyQuantizable() {
    if (!this.view.onlyQuantizable && this.rows.every(({ fixed }) => fixed === null)) return nothing;
    return html`<vscode-checkbox
      .checked=${this.view.onlyQuantizable}
      @change=${(event: Event) => this.store.look({ onlyQuantizable: isChecked(event) })}
      >Only quantizable</vscode-checkbox
    >`;
  }

  /** Which errors the heatmap shows. */
  private renderLevels() {
    const { level } = this.view;
    return html`<div class="levels" role="radiogroup" aria-label="Errors that the heatmap shows">
      <span class="dim">Error of</span>
      ${LEVEL_NAMES.map(
        (name) =>
          html`<button
            role="radio"
            aria-checked=${name === level}
            title=${LEVELS[name].hint}
            @click=${() => this.store.look({ level: name })}
          >
            ${LEVELS[name].name}
          </button>`,
      )}
    </div>`;
  }

  /** Weights rounded by moments in every cell. */
  private renderRepaired() {
    const { level, repaired } = this.view;
    if (level === 'weights') return nothing;
    return html`<vscode-checkbox
      title="Errors of weights that are rounded by the moments of what their layer reads, instead of to nearest. Some samples are rounded by; errors are on the others."
      .checked=${repaired}
      @change=${(event: Event) => this.store.look({ repaired: isChecked(event) })}
      >Repaired</vscode-checkbox
    >`;
  }

  /** The recipe as a whole, which takes an export to measure. */
  private renderOthers() {
    const { level, others } = this.view;
    if (level !== 'model') return nothing;
    return html`<vscode-checkbox
      title="One column more: all layers quantized as the recipe says, and one left in float at a time; how much that helps. Exports the model first, into a temporary folder."
      .checked=${others}
      @change=${(event: Event) => this.store.look({ others: isChecked(event) })}
      >Others quantized, one in float</vscode-checkbox
    >`;
  }

  /** Where there is something to choose from. */
  private renderFloatLayers() {
    if (this.view.level !== 'model' || !this.rows.some(({ measured }) => measured?.model)) return nothing;
    return html`<button
      class="link"
      title="Shows which weights and inputs spoil the outputs of the model most, and leaves in float what you say"
      @click=${() => this.store.send('askFloatLayers', null)}
    >
      Leave worst in float…
    </button>`;
  }

  private renderMeasuring() {
    const { progress } = this.state.measuring;
    const running = (['layer', 'model'] as const).find((level) => progress[level].running);
    if (running) return renderProgress('Measuring', progress[running], true, () => this.cancel(running));
    return this.view.level === 'weights' || this.isComplete()
      ? nothing
      : html`<button class="link" @click=${() => this.store.measure()}>Measure</button>`;
  }

  private isComplete(): boolean {
    const { schemes, level, others } = this.view;
    if (level === 'model' && others && !this.state.measuring.summaries.model?.recipe) return false;
    return this.rows.every(
      ({ heat, heatProblem }) => heatProblem !== null || schemes.every((scheme) => heat?.[scheme]),
    );
  }

  private renderAnalysis() {
    const { weights } = this.state.measuring.progress;
    const { running, done, total } = weights;
    if (!running && done >= total) return nothing;
    if (running) return renderProgress('Analysing', weights, false, () => this.cancel('weights'));
    return html`<div class="group end">
      <span class="dim number">Analysed ${done} of ${total}</span>
      <button class="link" @click=${() => this.store.send('restartErrors', null)}>Restart analysis</button>
    </div>`;
  }

  private cancel(level: Level): void {
    this.store.send('cancelErrors', { level });
  }

  private onFilterKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.view.filter !== '') this.store.look({ filter: '' });
    else if (event.key === 'ArrowDown' || event.key === 'Enter')
      this.dispatchEvent(new CustomEvent('enter-grid'));
    else return;
    event.preventDefault();
  }
}

const LEVEL_NAMES = ['weights', 'layer', 'model'] as const;

/** @param inPercent where single steps say nothing to anyone */
function renderProgress(
  what: string,
  { done, total }: LevelProgress,
  inPercent: boolean,
  cancel: () => void,
) {
  const percent = (100 * done) / Math.max(1, total);
  return html`<div class="group end">
    <span class="dim number">${what} ${inPercent ? `${Math.floor(percent)} %` : `${done} of ${total}`}</span>
    <div
      class="track"
      role="progressbar"
      aria-label=${what}
      aria-valuemin="0"
      aria-valuemax=${total}
      aria-valuenow=${done}
    >
      <div ${cssProperties({ width: `${percent}%` })}></div>
    </div>
    <button class="link" @click=${cancel}>Cancel</button>
  </div>`;
}
