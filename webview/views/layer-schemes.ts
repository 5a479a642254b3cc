import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatDb } from '../../src/shared/format';
import { SCHEME_IDS, SCHEME_TEXT, type SchemeId } from '../../src/shared/scheme';
import type { EditorStore } from '../EditorStore';
import type { Row } from '../grid/rows';
import { base } from '../styles';

/** All schemes side by side with what they cost this layer; the chosen one is marked. */
@customElement('layer-schemes')
export class LayerSchemes extends LitElement {
  static override styles = [
    base,
    css`
      fieldset {
        border: none;
        display: grid;
        gap: 4px;
        grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));
        margin: 0;
        padding: 0;
      }
      label {
        border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, #8886));
        border-radius: 3px;
        cursor: pointer;
        min-height: 38px;
        padding: 2px 8px 3px;
        position: relative;
      }
      label:hover {
        background: var(--vscode-list-hoverBackground);
      }
      label.on {
        background: var(--vscode-list-activeSelectionBackground);
        border-color: var(--vscode-focusBorder);
        color: var(--vscode-list-activeSelectionForeground);
        font-weight: 600;
      }
      label.on .dim {
        color: inherit;
      }
      label .dim {
        display: block;
        font-size: 11px;
        font-weight: normal;
        min-height: 14px;
        white-space: nowrap;
      }
      input {
        appearance: none;
        cursor: inherit;
        inset: 0;
        margin: 0;
        outline: none;
        position: absolute;
      }
      label:has(:focus-visible) {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: 1px;
      }
      p {
        align-items: center;
        display: flex;
        gap: 8px;
        margin: 4px 0 0;
        min-height: 22px;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) row!: Row;

  override render() {
    const { layer, chosen } = this.row;
    return html`<fieldset role="radiogroup" aria-label="Scheme of ${layer.name}">
        ${SCHEME_IDS.map((id) => this.renderScheme(id))}
      </fieldset>
      <p class="dim small">
        ${chosen ? 'Chosen for this layer.' : 'Follows the default scheme.'}
        ${chosen ? html`<button class="link" @click=${() => this.choose(null)}>Follow default</button>` : nothing}
      </p>`;
  }

  private renderScheme(id: SchemeId) {
    const { scheme, analysis, layer } = this.row;
    const error = id === 'float' ? undefined : analysis?.schemes[id];
    const bits = id === 'float' ? (8 * layer.bytes) / Math.max(1, layer.parameters) : error?.bitsPerWeight;
    const figures = [error && formatDb(error.sqnrDb), bits !== undefined && `${bits.toFixed(1)} bit`];
    return html`<label class=${id === scheme ? 'on' : ''} title=${SCHEME_TEXT[id].description}>
      <input
        type="radio"
        name="scheme"
        value=${id}
        .checked=${id === scheme}
        @change=${() => this.choose(id)}
      />
      ${SCHEME_TEXT[id].label}
      <span class="dim number">${figures.filter(Boolean).join(' · ')}</span>
    </label>`;
  }

  private choose(scheme: SchemeId | null): void {
    this.store.choose([this.row.layer.name], scheme);
  }
}
