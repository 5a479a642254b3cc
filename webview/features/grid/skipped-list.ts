import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatBytes, formatShape } from '../../../src/core/report/format';
import type { SkippedSummary } from '../../../src/core/model/model';
import { base } from '../../app/styles';

/** Names of one reason that are listed at first. */
const FIRST_NAMES = 100;

/** Facts about the model that the table does not show: notes, and constants that are not quantized, counted and named by reason. */
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
      .note {
        margin: 4px 14px;
        overflow-wrap: anywhere;
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

  @property({ attribute: false }) notes: readonly string[] = [];
  @property({ attribute: false }) skipped: readonly SkippedSummary[] = [];
  @property({ type: Boolean }) open = false;
  /** Reasons of which all names are shown. */
  @state() private whole: ReadonlySet<string> = new Set();

  override render() {
    return [this.notes.map((note) => html`<p class="dim note">${note}</p>`), this.renderSkipped()];
  }

  private renderSkipped() {
    if (this.skipped.length === 0) return nothing;
    const reasons = Map.groupBy(this.skipped, ({ reason }) => reason);
    const bytes = this.skipped.reduce((sum, entry) => sum + entry.bytes, 0);
    return html`<details ?open=${this.open} @toggle=${this.toggled}>
      <summary class="dim">
        Not quantized: ${this.skipped.length} constants and nodes, ${formatBytes(bytes)}, by reason
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
    const shown = this.whole.has(reason) ? entries : entries.slice(0, FIRST_NAMES);
    const more = entries.length - shown.length;
    return html`<details>
      <summary><span class="number">${entries.length}</span> × ${reason}</summary>
      <ul>
        ${shown.map(
          ({ name, op, shape }) =>
            html`<li title="${name} (${op})">${name} <span class="dim">${formatShape(shape)}</span></li>`,
        )}
      </ul>
      ${
        more > 0
          ? html`<button class="link" @click=${() => (this.whole = new Set([...this.whole, reason]))}>
              Show ${more} more
            </button>`
          : nothing
      }
    </details>`;
  }

  private toggled(event: Event): void {
    const { open } = event.target as HTMLDetailsElement;
    if (open !== this.open) this.dispatchEvent(new CustomEvent('toggle-skipped', { detail: open }));
  }
}
