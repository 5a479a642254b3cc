import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Notice } from '../../src/protocol/editorApi';
import type { EditorStore } from '../app/EditorStore';
import { base } from '../app/styles';

/** Sentences that want attention, each with what can be done. */
@customElement('notice-list')
export class NoticeList extends LitElement {
  static override styles = [
    base,
    css`
      .notice {
        align-items: center;
        border-bottom: 1px solid var(--vscode-contrastBorder, transparent);
        border-left: 3px solid;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        min-height: 32px;
        padding: 4px 14px;
      }
      .text {
        flex: 1 1 300px;
        overflow-wrap: anywhere;
      }
      .info {
        background: var(--vscode-inputValidation-infoBackground);
        border-left-color: var(--vscode-inputValidation-infoBorder);
      }
      .warning {
        background: var(--vscode-inputValidation-warningBackground);
        border-left-color: var(--vscode-inputValidation-warningBorder);
      }
      .error {
        background: var(--vscode-inputValidation-errorBackground);
        border-left-color: var(--vscode-inputValidation-errorBorder);
      }
    `,
  ];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) notices: readonly Notice[] = [];

  override render() {
    return this.notices.map(
      ({ id, severity, text, actions }) =>
        html`<div class="notice ${severity}" role=${severity === 'error' ? 'alert' : 'status'}>
          <span class="text">${text}</span>
          ${actions.map(
            (action) =>
              html`<button
                class="link"
                @click=${() => this.store.send('runNoticeAction', { notice: id, action: action.id })}
              >
                ${action.label}
              </button>`,
          )}
        </div>`,
    );
  }
}
