import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { describeScheme } from '../../src/shared/describeScheme';
import { specOf, type SchemeId } from '../../src/shared/scheme';
import {
  optionsOf,
  type ChoiceOption,
  type NumberOption,
  type SchemeOption,
} from '../../src/shared/schemeOptions';
import { formatScheme } from '../../src/shared/schemeSyntax';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { base } from '../styles';
import './scheme-select';

/**
 * The scheme of one layer, from the lists or option by option. Says `preview-scheme` while a number is being typed; what is
 * chosen goes to the store.
 */
@customElement('scheme-tuner')
export class SchemeTuner extends LitElement {
  static override styles = [
    base,
    css`
      .line {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
      }
      scheme-select {
        flex: 0 1 220px;
        font-weight: 600;
      }
      p {
        margin: 4px 0 8px;
        min-height: 2.6em;
      }
      .options {
        align-items: end;
        display: flex;
        flex-wrap: wrap;
        gap: 6px 10px;
      }
      .options label {
        display: grid;
        gap: 1px;
      }
      .options .dim {
        font-size: 11px;
      }
      .options select {
        max-width: 180px;
      }
      .options input {
        width: 76px;
      }
      .options input:invalid {
        border-color: var(--vscode-inputValidation-errorBorder, red);
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row!: Row;
  /** The layer's scheme, or the one that is being tried. */
  @property({ attribute: false }) scheme!: SchemeId;
  @property({ attribute: false }) used: readonly SchemeId[] = [];

  override render() {
    const { layer, chosen } = this.row;
    return html`
      <div class="line">
        <scheme-select
          .value=${this.scheme}
          .used=${this.used}
          .label="Scheme of ${layer.name}"
          @choose-scheme=${(event: CustomEvent<SchemeId>) => this.choose(event.detail)}
        ></scheme-select>
        ${
          chosen
            ? html`<button
                class="link"
                title="Take back the choice: the layer gets the model's default scheme"
                @click=${() => this.choose(null)}
              >
                Follow default
              </button>`
            : html`<span class="dim small">the default scheme</span>`
        }
      </div>
      <p class="dim small">${describeScheme(this.scheme)}</p>
      <div class="options" role="group" aria-label="Options of the scheme">
        ${optionsOf(specOf(this.scheme)).map((option) => this.renderOption(option))}
      </div>
    `;
  }

  private renderOption(option: SchemeOption) {
    return html`<label data-option=${option.id}
      ><span class="dim">${option.label}</span>${
        option.kind === 'choice' ? this.renderChoice(option) : this.renderNumber(option)
      }</label
    >`;
  }

  private renderChoice(option: ChoiceOption) {
    const { choices, value } = option;
    return html`<select
      @change=${(event: Event) => this.apply(option, (event.target as HTMLSelectElement).value)}
    >
      ${choices.map(
        (choice) =>
          html`<option
            value=${choice.value}
            ?selected=${choice.value === value}
            .selected=${choice.value === value}
          >
            ${choice.label}
          </option>`,
      )}
    </select>`;
  }

  private renderNumber(option: NumberOption) {
    const { least, most, step, value } = option;
    return html`<input
      type="number"
      min=${least}
      max=${most}
      step=${option.whole ? step : 'any'}
      title="${least} to ${most}"
      .value=${live(value)}
      @input=${(event: Event) => this.preview(option, (event.target as HTMLInputElement).value)}
      @change=${(event: Event) => this.apply(option, (event.target as HTMLInputElement).value)}
      @keydown=${(event: KeyboardEvent) => this.onNumberKey(event, option)}
    />`;
  }

  /** Arrow keys step where any number may be typed, too. */
  private onNumberKey(event: KeyboardEvent, option: NumberOption): void {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (sign === undefined || option.whole) return;
    event.preventDefault();
    const next = Number((Number(option.value) + sign * option.step).toFixed(4));
    this.apply(option, String(Math.min(option.most, Math.max(option.least, next))));
  }

  private preview(option: SchemeOption, value: string): void {
    const spec = option.apply(value);
    if (spec) this.tell(formatScheme(spec));
  }

  private apply(option: SchemeOption, value: string): void {
    const spec = option.apply(value);
    if (spec) this.choose(formatScheme(spec));
    // What was typed is no value: the present one is shown again.
    else this.requestUpdate();
  }

  private choose(scheme: SchemeId | null): void {
    this.tell(scheme);
    this.store.choose([this.row.layer.name], scheme);
  }

  private tell(scheme: SchemeId | null): void {
    this.dispatchEvent(new CustomEvent<SchemeId | null>('preview-scheme', { detail: scheme }));
  }
}

declare global {
  interface HTMLElementEventMap {
    'preview-scheme': CustomEvent<SchemeId | null>;
  }
}
