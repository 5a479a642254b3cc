import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { templateContent } from 'lit/directives/template-content.js';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import { FLOAT, type SchemeId } from '../../../src/core/scheme/scheme';
import { LISTED, SCHEME_GROUPS } from './schemeGroups';
import { say } from '../../app/intents';
import { base } from '../../app/styles';

/** All schemes of the lists as options. Made once and copied: the grid has such a list in every row. */
const OPTIONS = makeOptions();

/**
 * A drop-down of schemes. It always holds the present one, also where that is on no list. Says `choose-scheme` with the
 * chosen scheme, or null for the first entry.
 */
@customElement('scheme-select')
export class SchemeSelect extends LitElement {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [
    base,
    css`
      :host {
        display: inline-block;
        min-width: 0;
      }
      :host([hidden]) {
        display: none;
      }
      select {
        max-width: 100%;
        width: 100%;
      }
      :host([plain]) select {
        background: transparent;
        border-color: transparent;
        color: inherit;
        font-style: inherit;
        font-weight: inherit;
      }
      :host([plain]:hover) select,
      :host([plain]) select:focus {
        border-color: var(--vscode-dropdown-border, currentColor);
      }
      option,
      optgroup {
        background: var(--vscode-dropdown-background);
        color: var(--vscode-dropdown-foreground);
        font-style: normal;
        font-weight: normal;
      }
    `,
  ];

  @property({ attribute: false }) value: SchemeId | null = null;
  /** Text of a first entry that is no scheme; null for none. */
  @property() none: string | null = null;
  @property() label = '';
  @property({ attribute: false }) hint = '';
  /** Schemes that are used elsewhere, so that they can be chosen here, too. */
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  @property({ attribute: false }) focusable = true;
  @query('select') private select!: HTMLSelectElement;

  override render() {
    const own = [...new Set([this.value ?? FLOAT, ...this.used])].filter((id) => !LISTED.has(id));
    return html`<select
      aria-label=${this.label}
      title=${this.hint || nothing}
      tabindex=${this.focusable ? 0 : -1}
      @change=${this.onChange}
    >
      ${this.none === null ? nothing : html`<option value="">${this.none}</option>`}
      ${
        own.length === 0
          ? nothing
          : html`<optgroup label="In this model">
              ${own.map((id) => html`<option value=${id} title=${describeScheme(id)}>${id}</option>`)}
            </optgroup>`
      }
      ${templateContent(OPTIONS)}
    </select>`;
  }

  protected override updated(): void {
    // The options must be there before one of them can be the value.
    this.reset();
  }

  /** Opens the list. */
  open(): void {
    this.select.showPicker();
  }

  /** Shows the value again, after a choice that was for something else. */
  reset(): void {
    this.select.value = this.value ?? '';
  }

  private onChange(): void {
    const { value } = this.select;
    say(this, 'choose-scheme', value === '' ? null : value);
  }
}

function makeOptions(): HTMLTemplateElement {
  const template = document.createElement('template');
  for (const { label, schemes } of SCHEME_GROUPS) {
    const group = document.createElement('optgroup');
    group.label = label;
    for (const id of schemes) {
      const option = new Option(id, id);
      option.title = describeScheme(id);
      group.append(option);
    }
    template.content.append(group);
  }
  return template;
}

declare global {
  interface HTMLElementTagNameMap {
    'scheme-select': SchemeSelect;
  }
}
