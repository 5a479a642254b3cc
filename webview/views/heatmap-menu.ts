import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { readSchemes, SCHEME_PRESETS } from '../../src/shared/schemeLists';
import type { EditorStore } from '../EditorStore';
import { base } from '../styles';
import { MOST_SCHEMES, type ViewState } from '../ViewState';
import { closeOnEscape, closeOutside, menuStyles } from './menu';

/** What a person reads of a preset. */
const PRESETS: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'common', text: 'Common schemes' },
  { name: 'low-bit', text: 'Low-bit schemes, 4 bits and fewer' },
  { name: 'all', text: 'All, one of each kind and size' },
];

/** Which schemes the heatmap has columns for. */
@customElement('heatmap-menu')
export class HeatmapMenu extends LitElement {
  static override styles = [
    base,
    menuStyles,
    css`
      .menu > div {
        right: auto;
        width: 300px;
      }
      .preset {
        align-items: baseline;
        background: none;
        border: none;
        color: inherit;
        cursor: pointer;
        display: flex;
        font: inherit;
        gap: 6px;
        min-height: 24px;
        padding: 0 4px;
        text-align: left;
      }
      .preset:hover {
        background: var(--vscode-menu-selectionBackground, var(--vscode-list-hoverBackground));
        color: var(--vscode-menu-selectionForeground, inherit);
      }
      .preset .tick {
        width: 12px;
      }
      .preset .count {
        margin-left: auto;
      }
      label {
        border-top: 1px solid var(--line);
        display: grid;
        gap: 2px;
        margin-top: 4px;
        padding-top: 6px;
      }
      input {
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
        border-radius: 2px;
        color: var(--vscode-input-foreground);
        font: inherit;
        height: 24px;
        padding: 0 6px;
      }
      .says {
        margin: 0;
        min-height: 2.6em;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) view!: ViewState;
  @state() private problem: string | null = null;
  @query('input') private input!: HTMLInputElement;

  override render() {
    const { schemes } = this.view;
    const same = (list: readonly string[]) => String(list) === String(schemes);
    return html`<details class="menu" @focusout=${closeOutside} @keydown=${closeOnEscape}>
      <summary title="Schemes that the heatmap has columns for">Heatmap: ${schemes.length} schemes</summary>
      <div>
        ${PRESETS.map(({ name, text }) => {
          const list = SCHEME_PRESETS[name]!;
          return html`<button
            class="preset"
            aria-pressed=${same(list)}
            @click=${() => this.store.showSchemes(list)}
          >
            <span class="tick" aria-hidden="true">${same(list) ? '✓' : nothing}</span>${text}
            <span class="dim number count">${list.length}</span>
          </button>`;
        })}
        <label
          ><span class="small">Add a column, as <code>int4/block64</code> or <code>vq2x64</code></span>
          <input
            type="text"
            spellcheck="false"
            aria-label="Scheme of a new column"
            aria-invalid=${this.problem !== null}
            @input=${() => (this.problem = null)}
            @keydown=${this.onKey}
        /></label>
        <p class="says dim small" role="status">
          ${this.problem ?? 'Enter adds it. In the heatmap, Delete on a column’s head removes it.'}
        </p>
      </div>
    </details>`;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const added = readSchemes(this.input.value);
    if (typeof added === 'string') {
      this.problem = added;
      return;
    }
    const schemes = [...new Set([...this.view.schemes, ...added])];
    if (schemes.length > MOST_SCHEMES) {
      this.problem = `The heatmap has room for ${MOST_SCHEMES} schemes.`;
      return;
    }
    this.input.value = '';
    this.store.showSchemes(schemes);
  }
}
