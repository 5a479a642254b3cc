import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import type { EditorStore } from '../../app/EditorStore';
import { base } from '../../app/styles';
import '../scheme/scheme-select';
import type { SchemeSelect } from '../scheme/scheme-select';

/**
 * Actions on several selected layers. It lies over the empty corner of the grid's header, so that nothing moves
 * under the mouse that selects.
 */
@customElement('selection-bar')
export class SelectionBar extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        left: 8px;
        position: absolute;
        top: 4px;
        z-index: 3;
      }
      .bar {
        align-items: center;
        background: var(--vscode-editorWidget-background, var(--vscode-editor-background));
        border: 1px solid var(--vscode-editorWidget-border, var(--line));
        border-radius: 3px;
        display: flex;
        gap: 8px;
        height: 30px;
        padding: 0 4px 0 8px;
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) selected: readonly string[] = [];
  @property({ attribute: false }) used: readonly SchemeId[] = [];

  override render() {
    if (this.selected.length < 2) return nothing;
    return html`<div class="bar" role="group" aria-label="Selected layers">
      <span class="number" role="status">${this.selected.length} layers selected</span>
      <scheme-select
        label="Scheme of the selected layers"
        none="Set scheme…"
        .used=${this.used}
        @choose-scheme=${this.choose}
      ></scheme-select>
      <button class="link" @click=${() => this.store.choose(this.selected, null)}>Follow default</button>
      <button class="link" @click=${() => this.store.look({ selected: [] })}>Clear</button>
    </div>`;
  }

  private choose(event: CustomEvent<SchemeId | null>): void {
    if (event.detail !== null) this.store.choose(this.selected, event.detail);
    (event.target as SchemeSelect).reset();
  }
}
