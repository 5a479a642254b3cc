import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatBytes, formatShape } from '../../src/shared/format';
import type { SkippedSummary } from '../../src/shared/model';
import { base } from '../styles';

/** Names of one reason that are listed; more would only scroll. */
const MOST_NAMES = 200;

/** What is not quantized, counted and named by reason. */
@customElement('skipped-list')
export class SkippedList extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        max-height: 40%;
        overflow: auto;
      }
      summary {
        cursor: pointer;
        min-height: 26px;
        padding: 4px 14px;
      }
      .reasons {
        padding: 0 14px 10px 30px;
      }
      .reasons summary {
        padding: 2px 0;
      }
      ul {
        columns: 3 220px;
        list-style: none;
        margin: 0 0 6px;
        padding: 0 0 0 16px;
      }
      li {
        font-family: var(--vscode-editor-font-family);
        font-size: 12px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) skipped: readonly SkippedSummary[] = [];
  @property({ type: Boolean }) open = false;

  override render() {
    if (this.skipped.length === 0) return nothing;
    const reasons = Map.groupBy(this.skipped, ({ reason }) => reason);
    const bytes = this.skipped.reduce((sum, entry) => sum + entry.bytes, 0);
    return html`<details ?open=${this.open} @toggle=${this.toggled}>
      <summary class="dim">
        Not quantized: ${this.skipped.length} constants and nodes, ${formatBytes(bytes)}
      </summary>
      <div class="reasons">
        ${
          this.open
            ? [...reasons]
                .sort(([, a], [, b]) => b.length - a.length)
                .map(([reason, entries]) => this.renderReason(reason, entries))
            : nothing
        }
      </div>
    </details>`;
  }

  private renderReason(reason: string, entries: readonly SkippedSummary[]) {
    return html`<details>
      <summary>${entries.length} × ${reason}</summary>
      <ul>
        ${entries
          .slice(0, MOST_NAMES)
          .map(
            ({ name, shape }) =>
              html`<li title=${name}>${name} <span class="dim">${formatShape(shape)}</span></li>`,
          )}
        ${entries.length > MOST_NAMES ? html`<li class="dim">and ${entries.length - MOST_NAMES} more</li>` : nothing}
      </ul>
    </details>`;
  }

  private toggled(event: Event): void {
    const { open } = event.target as HTMLDetailsElement;
    if (open !== this.open) this.dispatchEvent(new CustomEvent('toggle-skipped', { detail: open }));
  }
}
