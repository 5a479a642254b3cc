import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { EditorState } from '../../src/shared/editorApi';
import { formatBytes, formatCount, formatDb, formatShape, formatShare } from '../../src/shared/format';
import type { ValueSummary } from '../../src/shared/model';
import { SCHEME_IDS, SCHEME_TEXT, type SchemeId } from '../../src/shared/scheme';
import type { Totals } from '../../src/shared/totals';
import type { EditorStore } from '../EditorStore';
import { base } from '../styles';
import { styled } from '../styled';

/** What the model is, and what the whole recipe comes to. */
@customElement('model-header')
export class ModelHeader extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        display: flex;
        flex-wrap: wrap;
        gap: 8px 32px;
        padding: 10px 14px;
      }
      .model {
        flex: 1 1 320px;
        min-width: 0;
      }
      h1 {
        font-size: 15px;
        font-weight: 600;
        margin: 0 0 2px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .facts,
      .values {
        display: flex;
        flex-wrap: wrap;
        gap: 0 14px;
        line-height: 20px;
      }
      .value {
        overflow-wrap: anywhere;
      }
      code {
        color: var(--vscode-foreground);
        font-family: var(--vscode-editor-font-family);
        font-size: 12px;
      }
      .totals {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 8px 24px;
      }
      .figure .label {
        color: var(--vscode-descriptionForeground);
        font-size: 11px;
      }
      .figure .amount {
        font-size: 14px;
        font-weight: 600;
        white-space: nowrap;
      }
      .bar {
        background: var(--vscode-input-background);
        height: 4px;
        margin-top: 3px;
        width: 168px;
      }
      .bar div {
        background: var(--vscode-charts-blue, #3794ff);
        height: 100%;
        max-width: 100%;
        transition: width 120ms;
      }
      @media (prefers-reduced-motion: reduce) {
        .bar div {
          transition: none;
        }
      }
      label {
        color: var(--vscode-descriptionForeground);
        display: block;
        font-size: 11px;
        margin-bottom: 1px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) state!: EditorState;
  @property({ attribute: false }) totals!: Totals;

  override render() {
    const { model } = this.state.inspection!;
    const bytes = model.bytes + model.externalBytes;
    const opsets = model.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ');
    return html`
      <section class="model" aria-label="Model">
        <h1 title=${model.path}>${this.state.fileName}</h1>
        <div class="facts dim">
          <span>${formatBytes(bytes)}</span>
          <span>${formatCount(model.parameters)} parameters</span>
          <span>weights ${formatBytes(model.weightBytes)} (${formatShare(model.weightBytes / bytes)})</span>
          <span>opset ${opsets}</span>
          ${model.producer ? html`<span>by ${model.producer}</span>` : nothing}
        </div>
        <div class="values dim">
          ${model.inputs.map((input) => this.renderInput(input))}
          ${model.outputs.map((output) => html`<span class="value">out ${this.renderValue(output)}</span>`)}
        </div>
      </section>
      <section class="totals" aria-label="Recipe">
        ${this.renderSize()} ${this.renderLayers()} ${this.renderWorst()}
        <div>
          <label for="default">Default scheme</label>
          <select id="default" @change=${this.chooseDefault}>
            ${SCHEME_IDS.map(
              (id) =>
                html`<option
                  value=${id}
                  ?selected=${id === this.state.recipe.default}
                  title=${SCHEME_TEXT[id].description}
                >
                  ${SCHEME_TEXT[id].label}
                </option>`,
            )}
          </select>
        </div>
        <vscode-button
          ?disabled=${this.state.exporting !== null}
          @click=${() => this.store.send('export', null)}
          >Export…</vscode-button
        >
      </section>
    `;
  }

  private renderValue({ name, elementType, shape }: ValueSummary) {
    return html`<code>${name}</code> ${elementType} ${formatShape(shape)}`;
  }

  /** An input whose shape is open can be given one for the comparison after an export. */
  private renderInput(input: ValueSummary) {
    const open = input.shape?.some((size) => typeof size !== 'number');
    const shape = this.state.recipe.shapes[input.name];
    return html`<span class="value"
      >in ${this.renderValue(input)}
      ${
        open
          ? html`<button
              class="link"
              title="Shape that source and export are run with after an export; chosen automatically if you do not"
              aria-label="Shape of ${input.name} for the comparison"
              @click=${() => this.store.send('askShape', { input: input.name })}
            >
              ${shape ? `run as ${formatShape(shape)}` : 'run as: auto'}
            </button>`
          : nothing
      }</span
    >`;
  }

  private renderSize() {
    const { sourceBytes, exportBytes } = this.totals;
    const share = exportBytes === null ? 0 : exportBytes / sourceBytes;
    return html`<div class="figure" data-figure="size">
      <div class="label">Expected size</div>
      <div class="amount number">
        ${formatBytes(sourceBytes)} → ${exportBytes === null ? '…' : formatBytes(exportBytes)}
        ${exportBytes === null ? nothing : html`<span class="dim">(${formatShare(share)})</span>`}
      </div>
      <div class="bar" aria-hidden="true">
        <div ${styled({ width: `${share * 100}%` })}></div>
      </div>
    </div>`;
  }

  private renderLayers() {
    const { quantizedLayers, quantizableLayers } = this.totals;
    return html`<div class="figure" data-figure="layers">
      <div class="label">Layers quantized</div>
      <div class="amount number">${quantizedLayers} of ${quantizableLayers}</div>
    </div>`;
  }

  private renderWorst() {
    const { worst } = this.totals;
    return html`<div class="figure" data-figure="worst">
      <div class="label">Worst layer (weight SQNR)</div>
      <div class="amount number">
        ${
          worst
            ? html`<button
                class="link"
                title=${worst.name}
                @click=${() => this.store.look({ current: worst.name, selected: [worst.name] })}
              >
                ${formatDb(worst.sqnrDb)}, ${worst.scheme}
              </button>`
            : '–'
        }
      </div>
    </div>`;
  }

  private chooseDefault(event: Event): void {
    this.store.send('chooseDefault', { scheme: (event.target as HTMLSelectElement).value as SchemeId });
  }
}
