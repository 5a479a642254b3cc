import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatShare, formatValue } from '../../src/shared/format';
import type { LayerView } from '../../src/shared/measures';
import { cssProperties } from '../cssProperties';
import { base } from '../styles';

/** Where the axis is, in pixels from the left of the marks, and what it counts. */
export interface AxisPlace {
  readonly left: number;
  readonly width: number;
  readonly lo: number;
  readonly hi: number;
}

/** Shares of the least and greatest weight at which a range ends. */
export interface ClipShares {
  readonly lower: number;
  readonly upper: number;
}

type End = 'lower' | 'upper';

/** What an arrow key moves a mark by, and one with Shift: shares of the end. */
const STEP = 0.01;
const BIG_STEP = 0.1;
/** Recipes hold so many digits; a pixel is coarser. */
const DIGITS = 3;
const LEAST_SHARE = 0.01;
const MOST_SHARE = 2;

/**
 * The two ends of a quantizer's range, to be dragged or moved by arrow keys. Says `clip` with the shares while they move, and
 * `clip-end` when they are let go.
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
        bottom: 40px;
        cursor: ew-resize;
        margin-left: -9px;
        pointer-events: auto;
        position: absolute;
        top: 0;
        touch-action: none;
        width: 18px;
      }
      .mark::before {
        background: var(--vscode-charts-red, #f14c4c);
        bottom: 0;
        content: '';
        left: 8px;
        position: absolute;
        top: 0;
        width: 2px;
      }
      .mark::after {
        background: var(--vscode-charts-red, #f14c4c);
        border: 1px solid var(--vscode-editor-background);
        border-radius: 3px;
        content: '';
        height: 18px;
        left: 4px;
        position: absolute;
        top: 0;
        width: 10px;
      }
      .mark:hover::before,
      .mark:focus-visible::before {
        width: 3px;
      }
      .mark:focus-visible {
        outline: none;
      }
      .mark:focus-visible::after {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: 1px;
      }
    `,
  ];

  @property({ attribute: false }) clip!: NonNullable<LayerView['clip']>;
  @property({ attribute: false }) axis!: AxisPlace;
  /** Whether both ends have the same share, as those of a symmetric range. */
  @property({ type: Boolean }) symmetric = false;
  /** The shares that the scheme names; of another kind of range, the marks stand where its levels end. */
  @property({ attribute: false }) range: ClipShares | null = null;

  override render() {
    return html`${this.renderMark('lower')} ${this.renderMark('upper')}`;
  }

  private renderMark(end: End) {
    const { lo, hi, left, width } = this.axis;
    const extreme = this.extreme(end);
    if (extreme === 0 || !(hi > lo)) return nothing;
    const share = this.shares[end];
    const value = share * extreme;
    const place = Math.min(1, Math.max(0, (value - lo) / (hi - lo)));
    const name = end === 'lower' ? 'Lower end of the range' : 'Upper end of the range';
    return html`<div
      class="mark"
      role="slider"
      tabindex="0"
      data-end=${end}
      title="${name}: drag, or use the arrow keys"
      aria-label=${name}
      aria-orientation="horizontal"
      aria-valuemin=${LEAST_SHARE * 100}
      aria-valuemax=${MOST_SHARE * 100}
      aria-valuenow=${Math.round(share * 100)}
      aria-valuetext="${formatValue(value)}, ${formatShare(share)} of the ${end === 'lower' ? 'least' : 'greatest'} weight"
      ${cssProperties({ left: `${left + place * width}px` })}
      @pointerdown=${(event: PointerEvent) => this.drag(event, end)}
      @keydown=${(event: KeyboardEvent) => this.onKey(event, end)}
    ></div>`;
  }

  private extreme(end: End): number {
    return end === 'lower' ? this.clip.least : this.clip.greatest;
  }

  /** Shares at which the marks stand now. */
  private get shares(): ClipShares {
    if (this.range) return this.range;
    const { lower, upper, least, greatest } = this.clip;
    return { lower: least === 0 ? 1 : lower / least, upper: greatest === 0 ? 1 : upper / greatest };
  }

  private drag(event: PointerEvent, end: End): void {
    if (event.button !== 0) return;
    const mark = event.currentTarget as HTMLElement;
    mark.setPointerCapture(event.pointerId);
    let last: ClipShares | null = null;
    const move = ({ clientX }: PointerEvent) => {
      const { left, width, lo, hi } = this.axis;
      const x = clientX - this.getBoundingClientRect().left - left;
      last = this.moved(end, (lo + (x / width) * (hi - lo)) / this.extreme(end));
      this.tell('clip', last);
    };
    mark.addEventListener('pointermove', move);
    mark.addEventListener(
      'lostpointercapture',
      () => {
        mark.removeEventListener('pointermove', move);
        if (last) this.tell('clip-end', last);
      },
      { once: true },
    );
  }

  private onKey(event: KeyboardEvent, end: End): void {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    // To the left is further out for the lower end.
    const outward = end === 'lower' ? -direction : direction;
    this.tell('clip-end', this.moved(end, this.shares[end] + outward * (event.shiftKey ? BIG_STEP : STEP)));
  }

  private moved(end: End, share: number): ClipShares {
    const bounded = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share));
    return this.symmetric ? { lower: bounded, upper: bounded } : { ...this.shares, [end]: bounded };
  }

  private tell(type: 'clip' | 'clip-end', { lower, upper }: ClipShares): void {
    const rounded = (share: number) => Number(Math.min(MOST_SHARE, share).toFixed(DIGITS));
    this.dispatchEvent(
      new CustomEvent<ClipShares>(type, {
        detail: { lower: rounded(lower), upper: rounded(upper) },
        bubbles: true,
        composed: true,
      }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'clip-marks': ClipMarks;
  }
  interface HTMLElementEventMap {
    clip: CustomEvent<ClipShares>;
    'clip-end': CustomEvent<ClipShares>;
  }
}
