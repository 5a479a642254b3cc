import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { EditorState } from '../../../src/protocol/editorApi';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import {
  formatBytes,
  formatCount,
  formatDb,
  formatShape,
  formatShare,
} from '../../../src/core/report/format';
import type { ValueSummary } from '../../../src/core/model/model';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import type { Totals } from '../../../src/core/measure/totals';
import { cssProperties } from '../../components/cssProperties';
import type { EditorStore } from '../../app/EditorStore';
import { base } from '../../app/styles';
import { modelHeaderStyles } from './modelHeaderStyles';
import { dataLabel } from '../data/data-summary';
import { repairLabel } from '../repair/repair-panel';
import '../../components/drop-down';
import '../scheme/scheme-select';

/** Inputs, and outputs, that are listed at first. */
const FIRST_VALUES = 3;

/** The model's facts, and the size and error of the whole recipe. */
@customElement('model-header')
export class ModelHeader extends LitElement {
  static override styles = [base, modelHeaderStyles];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) state!: EditorState;
  @property({ attribute: false }) totals!: Totals;
  /** Schemes on no list that the recipe chooses. */
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  /** All inputs and outputs instead of the first few. */
  @state() private whole = false;

  override render() {
    const { model } = this.state.inspection!;
    const bytes = model.bytes + model.externalBytes;
    const { recipe } = this.state;
    const opsets = model.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ');
    return html`<div class="header">
      <section class="model" aria-label="Model">
        <h1 title=${model.path}>${this.state.fileName}</h1>
        <div class="facts dim">
          <span>${formatBytes(bytes)}</span>
          <span>${formatCount(model.parameters)} parameters</span>
          <span>weights ${formatBytes(model.weightBytes)} (${formatShare(model.weightBytes / bytes)})</span>
          <span>opset ${opsets}</span>
          ${model.producer ? html`<span>by ${model.producer}</span>` : nothing}
        </div>
        <div class="values dim ${this.whole ? 'whole' : ''}">
          ${this.renderValues('Inputs', model.inputs, (input) => this.renderInput(input))}
          ${this.renderValues('Outputs', model.outputs, (output) => this.renderValue(output))}
          <button
            class="link more ${Math.max(model.inputs.length, model.outputs.length) > FIRST_VALUES ? 'needed' : ''}"
            aria-expanded=${this.whole}
            @click=${() => (this.whole = !this.whole)}
          >
            ${this.whole ? 'Show less' : `Show ${plural(model.inputs.length, 'input')} and ${plural(model.outputs.length, 'output')}`}
          </button>
        </div>
      </section>
      <section class="totals" aria-label="Recipe">
        ${this.renderSize()} ${this.renderLayers()} ${this.renderWorst()}
        <div>
          <span class="label" aria-hidden="true">Default scheme</span>
          <scheme-select
            label="Default scheme"
            .value=${recipe.default}
            .hint="${recipe.default}: ${describeScheme(recipe.default)}"
            .used=${this.used}
            @choose-scheme=${this.chooseDefault}
          ></scheme-select>
        </div>
        <div>
          <span class="label" aria-hidden="true">Activations</span>
          <button
            class="link"
            aria-label="Activations: ${recipe.activations ?? 'float'}"
            title="Quantize activations as well, so that 8-bit layers compute in integers"
            @click=${() => this.store.send('askActivations', null)}
          >
            ${recipe.activations ?? 'float'}
          </button>
        </div>
        <div>
          <span class="label" aria-hidden="true">Data</span>
          <drop-down name="Data" label=${dataLabel(recipe.calibration, this.state.data)}>
            <data-summary
              .store=${this.store}
              .calibration=${recipe.calibration}
              .data=${this.state.data}
            ></data-summary>
          </drop-down>
        </div>
        <div>
          <span class="label" aria-hidden="true">Repair</span>
          <drop-down name="Repair" label=${repairLabel(recipe)}>
            <repair-panel .store=${this.store} .recipe=${recipe} .report=${this.state.report}></repair-panel>
          </drop-down>
        </div>
        <vscode-button
          ?disabled=${this.state.exporting !== null}
          @click=${() => this.store.send('export', null)}
          >Export…</vscode-button
        >
        ${this.state.trusted ? nothing : html`<span class="note dim small">Restricted mode: an export is written, but not run and compared.</span>`}
      </section>
    </div>`;
  }

  private renderValues(
    title: string,
    values: readonly ValueSummary[],
    render: (value: ValueSummary) => unknown,
  ) {
    const shown = this.whole ? values : values.slice(0, FIRST_VALUES);
    return html`<div class="ports" role="group" aria-label=${title}>
      <span class="port-title">${title}</span>
      <div class="list">
        ${shown.map((value) => html`<span class="value">${render(value)}</span>`)}
        ${shown.length < values.length ? html`<span>+${values.length - shown.length}</span>` : nothing}
      </div>
    </div>`;
  }

  private renderValue({ name, elementType, shape }: ValueSummary) {
    return html`<code dir="auto">${name}</code> ${elementType} ${formatShape(shape)}`;
  }

  /** An input whose shape is open can be given one for the comparison after an export. */
  private renderInput(input: ValueSummary) {
    const open = input.shape?.some((size) => typeof size !== 'number');
    const { shapes } = this.state.recipe;
    const shape = Object.hasOwn(shapes, input.name) ? shapes[input.name]! : null;
    return html`${this.renderValue(input)}
    ${
      open
        ? html`<button
            class="link"
            title="Shape that source and export are run with after an export; chosen automatically if you do not"
            aria-label="Shape that ${input.name} is verified with: ${shape ? formatShape(shape) : 'automatic'}. Change"
            @click=${() => this.store.send('askShape', { input: input.name })}
          >
            ${shape ? `verified with ${formatShape(shape)}` : 'verified with: auto'}
          </button>`
        : nothing
    }`;
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
        <div ${cssProperties({ width: `${Math.min(100, share * 100)}%` })}></div>
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
                class="link worst"
                title="Show ${worst.name}"
                @click=${() => this.store.look({ current: worst.name, selected: [worst.name], filter: '', op: '' })}
              >
                ${formatDb(worst.sqnrDb)} <span dir="auto">${worst.name}</span>
              </button>`
            : '–'
        }
      </div>
    </div>`;
  }

  private chooseDefault({ detail: scheme }: CustomEvent<SchemeId | null>): void {
    if (scheme !== null) this.store.send('chooseDefault', { scheme });
  }
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
