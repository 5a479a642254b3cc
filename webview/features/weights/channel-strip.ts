import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { formatDb } from '../../../src/core/report/format';
import { fromNumber } from '../../../src/core/measure/Decibels';
import { drawChannelStrip } from '../../charts/drawChannelStrip';
import { say } from '../../app/intents';
import { DrawnCanvas } from '../../components/DrawnCanvas';
import { base } from '../../app/styles';

/** A bar per output channel; a click or the arrow keys pick one. */
@customElement('channel-strip')
export class ChannelStrip extends LitElement {
  static override styles = [
    base,
    css`
      canvas {
        background: var(--vscode-input-background);
        cursor: pointer;
        display: block;
        height: 48px;
        width: 100%;
      }
      .ends {
        display: flex;
        font-size: 11px;
        justify-content: space-between;
      }
    `,
  ];

  @property({ attribute: false }) sqnrDb = new Float32Array(0);
  @property({ attribute: false }) chosen: number | null = null;
  @query('canvas') private canvas!: HTMLCanvasElement;

  constructor() {
    super();
    new DrawnCanvas(this, (canvas) => drawChannelStrip(canvas, this.sqnrDb, this.chosen));
  }

  override render() {
    const last = this.sqnrDb.length - 1;
    const value = this.chosen === null ? 'all channels' : this.describe(this.chosen);
    return html`<canvas
        role="slider"
        tabindex="0"
        aria-label="Output channel"
        aria-valuemin="0"
        aria-valuemax=${last}
        aria-valuenow=${this.chosen ?? 0}
        aria-valuetext=${value}
        @click=${this.onClick}
        @keydown=${this.onKey}
        @pointermove=${this.onMove}
      ></canvas>
      <div class="ends dim number"><span>channel 0</span><span>${value}</span><span>${last}</span></div>`;
  }

  private describe(channel: number): string {
    return `channel ${channel}: ${formatDb(fromNumber(this.sqnrDb[channel]!))}`;
  }

  private channelAt(event: MouseEvent): number {
    const share = event.offsetX / this.canvas.clientWidth;
    return Math.min(this.sqnrDb.length - 1, Math.max(0, Math.floor(share * this.sqnrDb.length)));
  }

  private onMove(event: PointerEvent): void {
    this.canvas.title = this.describe(this.channelAt(event));
  }

  private onClick(event: MouseEvent): void {
    const channel = this.channelAt(event);
    this.pick(channel === this.chosen ? null : channel);
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.sqnrDb.length - 1;
    const from = this.chosen ?? -1;
    const targets: Record<string, number | null> = {
      ArrowRight: Math.min(last, from + 1),
      ArrowLeft: Math.max(0, from - 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    if (!Object.hasOwn(targets, event.key)) return;
    event.preventDefault();
    this.pick(targets[event.key]!);
  }

  private pick(channel: number | null): void {
    say(this, 'pick-channel', channel);
  }
}
