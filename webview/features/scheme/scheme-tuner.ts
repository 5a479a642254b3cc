import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import { specOf, type SchemeId } from '../../../src/core/scheme/scheme';
import {
  optionsOf,
  type ChoiceOption,
  type NumberOption,
  type SchemeOption,
} from '../../../src/core/scheme/schemeOptions';
import type { SchemeSpec } from '../../../src/core/scheme/SchemeSpec';
import { formatScheme } from '../../../src/core/scheme/schemeSyntax';
import { say } from '../../app/intents';
import { base } from '../../app/styles';
import './scheme-select';

/**
 * A scheme, whole from the list or option by option. Says `preview-scheme` while a number is being entered, and
 * `choose-scheme` with what is chosen; null is the default scheme.
 */
@customElement('scheme-tuner')
export class SchemeTuner extends LitElement {
  static override styles = [
    base,
    css`
      .list {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 2px 10px;
        min-height: 26px;
      }
      scheme-select {
        min-width: 150px;
      }
      .options {
        align-content: start;
        display: flex;
        flex-wrap: wrap;
        gap: 6px 10px;
        margin-top: 6px;
        min-height: 84px;
      }
      label {
        flex: none;
        min-width: 62px;
      }
      [data-option='format'] {
        width: 186px;
      }
      [data-option='range'] {
        width: 148px;
      }
      label:has(input),
      .room {
        width: 78px;
      }
      .room {
        height: 39px;
      }
      label span {
        color: var(--vscode-descriptionForeground);
        display: block;
        font-size: 11px;
        line-height: 15px;
      }
      label :is(select, input) {
        width: 100%;
      }
      input[aria-invalid='true'] {
        border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
      }
      p {
        margin: 6px 0 0;
        min-height: 2.6em;
      }
    `,
  ];

  @property({ attribute: false }) scheme!: SchemeId;
  /** Whether it was chosen for this very layer. */
  @property({ attribute: false }) chosen = false;
  /** Schemes that are used elsewhere. */
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  @property({ attribute: false }) layer = '';

  override render() {
    const { scheme, chosen } = this;
    const spec = specOf(scheme);
    const options = optionsOf(spec);
    return html`<div class="list">
        <scheme-select label="Scheme of the shown layer" .value=${scheme} .used=${this.used}></scheme-select>
        <span class="dim small">${chosen ? 'Chosen for this layer.' : 'The default scheme.'}</span>
        ${chosen ? html`<button class="link" @click=${() => say(this, 'choose-scheme', null)}>Follow default</button>` : nothing}
      </div>
      <div class="options" role="group" aria-label="Options of the scheme">
        ${options.map((option) => this.renderOption(option))}
        ${Array.from({ length: Math.max(0, fieldsIfClipped(spec) - options.length) }, () => html`<div class="room"></div>`)}
      </div>
      <p class="dim small">${describeScheme(scheme)}</p>`;
  }

  private renderOption(option: SchemeOption) {
    return html`<label data-option=${option.id}>
      <span>${option.label}</span>
      ${option.kind === 'choice' ? this.renderChoice(option) : this.renderNumber(option)}
    </label>`;
  }

  private renderChoice(option: ChoiceOption) {
    const { choices, value } = option;
    return html`<select @change=${(event: Event) => this.apply('choose-scheme', option, event)}>
      ${choices.map(
        (choice) =>
          html`<option
            value=${choice.value}
            ?selected=${choice.value === value}
            .selected=${live(choice.value === value)}
          >
            ${choice.label}
          </option>`,
      )}
    </select>`;
  }

  private renderNumber(option: NumberOption) {
    const { least, most, step, whole } = option;
    return html`<input
      type="number"
      class="number"
      min=${least}
      max=${most}
      step=${step}
      title="${whole ? 'A whole number, ' : ''}${least} to ${most}"
      .value=${this.textOf(option)}
      @input=${(event: Event) => this.apply('preview-scheme', option, event)}
      @change=${(event: Event) => this.apply('choose-scheme', option, event)}
    />`;
  }

  /** A number that is being typed stays as it is typed: "99." is not made "99" under the cursor. */
  private textOf({ id, value }: NumberOption): string {
    const field = this.shadowRoot!.activeElement as HTMLInputElement | null;
    const typed = field?.closest<HTMLElement>('[data-option]')?.dataset['option'] === id ? field.value : '';
    return typed !== '' && Number(typed) === Number(value) ? typed : value;
  }

  /** Marks an impossible value and, when editing ends, restores the previous one. */
  private apply(type: 'preview-scheme' | 'choose-scheme', option: SchemeOption, { target }: Event): void {
    const field = target as HTMLInputElement | HTMLSelectElement;
    const spec = option.apply(field.value);
    field.ariaInvalid = spec ? 'false' : 'true';
    if (spec) say(this, type, formatScheme(spec));
    else if (type === 'choose-scheme') {
      field.value = option.value;
      field.ariaInvalid = 'false';
      say(this, type, this.scheme);
    }
  }
}

/** Dragging a clip mark brings fields that have their room before, so that nothing moves under the pointer. */
function fieldsIfClipped(spec: SchemeSpec): number {
  if (!('range' in spec)) return 0;
  return optionsOf({ ...spec, range: { method: 'clip', lower: 1, upper: 1 } }).length;
}
