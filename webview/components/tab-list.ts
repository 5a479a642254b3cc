import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../app/styles';

/** A tab by its id and title. */
export type Tab = readonly [id: string, title: string];

/** Tabs above what they choose between; arrow keys move on. Picking one is an event `pick-tab` with its id. */
@customElement('tab-list')
export class TabList extends LitElement {
  static override styles = [
    base,
    css`
      .tabs {
        border-bottom: 1px solid var(--line);
        display: flex;
        gap: 16px;
      }
      button {
        background: none;
        border: none;
        border-bottom: 2px solid transparent;
        color: var(--vscode-descriptionForeground);
        cursor: pointer;
        font: inherit;
        min-height: 28px;
        padding: 0 2px;
      }
      button:hover {
        color: var(--vscode-foreground);
      }
      button[aria-selected='true'] {
        border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--vscode-focusBorder));
        color: var(--vscode-foreground);
      }
    `,
  ];

  /** What the tabs are of, for who does not see them. */
  @property() label = '';
  @property({ attribute: false }) tabs: readonly Tab[] = [];
  /** Id of the tab that is shown. */
  @property() shown = '';

  override render() {
    return html`<div class="tabs" role="tablist" aria-label=${this.label} @keydown=${this.onKey}>
      ${this.tabs.map(
        ([id, title]) =>
          html`<button
            role="tab"
            data-tab=${id}
            tabindex=${id === this.shown ? 0 : -1}
            aria-selected=${id === this.shown}
            @click=${() => this.pick(id)}
          >
            ${title}
          </button>`,
      )}
    </div>`;
  }

  private onKey({ key }: KeyboardEvent): void {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const { tabs } = this;
    const at = tabs.findIndex(([id]) => id === this.shown);
    const [other] = tabs[(at + (key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length]!;
    this.pick(other);
    this.renderRoot.querySelector<HTMLElement>(`[data-tab="${other}"]`)!.focus();
  }

  private pick(id: string): void {
    this.dispatchEvent(new CustomEvent<string>('pick-tab', { detail: id }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'tab-list': TabList;
  }
}
