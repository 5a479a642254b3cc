import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatShare, formatValue } from '../../../src/core/report/format';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { clipShares, clipValue, MIN_SHARE, withClip, type Clip, type Side } from './clipRange';
import { cssProperties } from '../../components/cssProperties';
import { say } from '../../app/intents';
import { base } from '../../app/styles';

/** Step of an arrow key, as a share of the outermost weight. */
const STEP = 0.01;
const PAGE = 0.1;

/** Where the weights' axis is: its ends, and the pixels between them. */
export interface AxisArea {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The ends of a scheme's range as two marks on the histogram, to be dragged or moved by arrow keys. What they come to is
 * shown while they move, and chosen when they are let go: one drag is one step of undo.
 */
@customElement('clip-marks')
export class ClipMarks extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        inset: 0;
        pointer-events: none;
        position: absolute;
      }
      .mark {
        cursor: ew-resize;
        margin-left: -12px;
        outline: none;
        pointer-events: auto;
        position: absolute;
        top: 0;
        touch-action: none;
        user-select: none;
        width: 24px;
      }
      .mark::before {
        background: var(--mark);
        content: '';
        inset: 0 11px;
        position: absolute;
      }
      .mark::after {
        background: var(--mark);
        border: 1px solid var(--vscode-editor-background);
        border-radius: 3px;
        content: '';
        height: 16px;
        left: 7px;
        position: absolute;
        top: 0;
        width: 10px;
      }
      .mark:focus-visible::after {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: 1px;
      }
      :host {
        --mark: var(--vscode-charts-red, #f14c4c);
      }
      .value {
        background: var(--vscode-editorHoverWidget-background);
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 2px;
        color: var(--vscode-editorHoverWidget-foreground);
        font-size: 11px;
        padding: 1px 5px;
        pointer-events: none;
        position: absolute;
        top: 20px;
        visibility: hidden;
        white-space: nowrap;
        z-index: 1;
      }
      .lower .value {
        left: 18px;
      }
      .upper .value {
        right: 18px;
      }
      .mark:is(:hover, :focus-visible, .held) .value {
        visibility: visible;
      }
    `,
  ];

  @property({ attribute: false }) scheme!: SchemeId;
  @property({ attribute: false }) clip!: Clip;
  @property({ attribute: false }) area!: AxisArea;
  @state() private held: Side | null = null;
  /** A key has moved a mark and is not let go yet. */
  private moved = false;

  override render() {
    return (['lower', 'upper'] as const).map((side) => this.renderMark(side));
  }

  private renderMark(side: Side) {
    const { area, clip } = this;
    const outermost = clipValue(side, 1, clip);
    // Zero is always among the levels: weights that all lie on one side of it leave nothing to clip on the other.
    if (outermost === 0 || area.width === 0) return nothing;
    const share = clipShares(this.scheme, clip)[side];
    const value = clipValue(side, share, clip);
    const x = ((value - area.from) / (area.to - area.from)) * area.width;
    const left = area.left + Math.min(area.width, Math.max(0, x));
    const ends = [outermost, outermost * MIN_SHARE].sort((a, b) => a - b);
    const text = `${formatValue(Number(value.toPrecision(3)))}, ${formatShare(share)} of the ${side === 'lower' ? 'least' : 'greatest'}`;
    return html`<div
      class="mark ${side} ${this.held === side ? 'held' : ''}"
      role="slider"
      tabindex="0"
      aria-label=${side === 'lower' ? 'Lower end of the range' : 'Upper end of the range'}
      aria-orientation="horizontal"
      aria-valuemin=${ends[0]!}
      aria-valuemax=${ends[1]!}
      aria-valuenow=${value}
      aria-valuetext=${text}
      data-mark=${side}
      ${cssProperties({ left: `${left}px`, height: `${area.height}px` })}
      @pointerdown=${(event: PointerEvent) => this.drag(event, side, left)}
      @keydown=${(event: KeyboardEvent) => this.onKey(event, side, value)}
      @keyup=${this.settle}
      @blur=${this.settle}
    >
      <span class="value number" aria-hidden="true">${text}</span>
    </div>`;
  }

  private drag(event: PointerEvent, side: Side, left: number): void {
    if (event.button !== 0) return;
    const mark = event.currentTarget as HTMLElement;
    const { clip, area } = this;
    const before = this.scheme;
    const grip = event.clientX - left;
    mark.setPointerCapture(event.pointerId);
    this.held = side;
    let tried = before;
    const over = new AbortController();
    const end = (chosen: SchemeId | null) => {
      over.abort();
      this.held = null;
      say(
        this,
        chosen === null || chosen === before ? 'preview-scheme' : 'choose-scheme',
        chosen === before ? null : chosen,
      );
    };
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      action: (event: HTMLElementEventMap[K]) => void,
    ) => mark.addEventListener(type, action, { signal: over.signal });
    on('pointermove', ({ clientX }) => {
      const share = (clientX - grip - area.left) / area.width;
      const next = withClip(before, clip, side, area.from + share * (area.to - area.from));
      if (next === tried) return;
      tried = next;
      say(this, 'preview-scheme', tried);
    });
    on('keydown', (key) => {
      if (key.key === 'Escape') end(null);
    });
    on('pointercancel', () => end(null));
    on('lostpointercapture', () => end(tried));
  }

  private onKey(event: KeyboardEvent, side: Side, value: number): void {
    const outermost = clipValue(side, 1, this.clip);
    const size = Math.abs(outermost);
    const ends = [outermost, outermost * MIN_SHARE].sort((a, b) => a - b);
    const step = (event.shiftKey ? PAGE : STEP) * size;
    const targets: Record<string, number> = {
      ArrowRight: value + step,
      ArrowUp: value + step,
      ArrowLeft: value - step,
      ArrowDown: value - step,
      PageUp: value + PAGE * size,
      PageDown: value - PAGE * size,
      Home: ends[0]!,
      End: ends[1]!,
    };
    if (!Object.hasOwn(targets, event.key)) return;
    event.preventDefault();
    this.moved = true;
    say(this, 'preview-scheme', withClip(this.scheme, this.clip, side, targets[event.key]!));
  }

  /** A key that is held is one step. */
  private settle(): void {
    if (!this.moved) return;
    this.moved = false;
    say(this, 'choose-scheme', this.scheme);
  }
}
