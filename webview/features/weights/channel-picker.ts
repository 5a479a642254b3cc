import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { say } from '../../app/intents';
import { base } from '../../app/styles';

/** All channels, or one of them by its number; the arrow keys step. */
@customElement('channel-picker')
export class ChannelPicker extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        align-items: center;
        display: flex;
        gap: 6px;
      }
      input[type='number'] {
        width: 76px;
      }
      button.link:disabled {
        color: var(--vscode-disabledForeground);
        cursor: default;
        text-decoration: none;
      }
    `,
  ];

  @property({ type: Number }) channels = 1;
  @property({ attribute: false }) chosen: number | null = null;
  @query('input') private input!: HTMLInputElement;

  override render() {
    return html`<label class="dim small" for="channel">Channel</label>
      <input
        id="channel"
        type="number"
        min="0"
        max=${this.channels - 1}
        placeholder="all"
        .value=${this.chosen === null ? '' : String(this.chosen)}
        @input=${this.onInput}
      />
      <button class="link" ?disabled=${this.chosen === null} @click=${() => this.pick(null)}>All</button>`;
  }

  private onInput(): void {
    const { value } = this.input;
    if (value === '') this.pick(null);
    else this.pick(Math.min(this.channels - 1, Math.max(0, Math.trunc(Number(value)))));
  }

  private pick(channel: number | null): void {
    say(this, 'pick-channel', channel);
  }
}
