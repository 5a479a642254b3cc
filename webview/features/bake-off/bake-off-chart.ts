import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import { formatDb } from '../../../src/core/report/format';
import type { RatePoint, RateTheory } from '../../../src/core/measure/measures';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { place, type Axis } from '../../charts/axis';
import type { BakeOffPoint, Frame } from '../../charts/bakeOffPoints';
import { kindOf } from '../../charts/families';
import { kindStyles } from '../../charts/kindStyles';
import { renderAxes } from '../../charts/renderAxes';
import { placeLabels } from '../../charts/placeLabels';
import { cssProperties } from '../../components/cssProperties';
import { say } from '../../app/intents';
import { base } from '../../app/styles';
import { bakeOffChartStyles } from './bakeOffChartStyles';
import { errorFigures, errorFiguresStyles } from '../layer/errorFigures';

const HEIGHT = 320;
const MARGIN = { left: 38, right: 10, top: 10, bottom: 36 };
/** Pixels from the middle of a mark to its edge. */
const POINT_SIZE = 6;
const CHOSEN_SIZE = 11;
/** Of the box that tells of a point, and from the point to the box. */
const TIP_WIDTH = 230;
const AWAY = 14;
/** Pixels that a pointer may be beside a point. */
const REACH = 16;

interface Spot {
  readonly point: BakeOffPoint;
  readonly x: number;
  readonly y: number;
  /** What its mark takes on each side. */
  readonly size: number;
}

/**
 * Distortion against rate: every scheme a point, and what theory allows as curves. The pointer and the arrow keys tell what
 * a point is; a click, Enter and Space choose it.
 */
@customElement('bake-off-chart')
export class BakeOffChart extends LitElement {
  static override styles = [base, kindStyles, errorFiguresStyles, bakeOffChartStyles];

  /** From left to right. */
  @property({ attribute: false }) points: readonly BakeOffPoint[] = [];
  @property({ attribute: false }) theory: RateTheory | null = null;
  @property({ attribute: false }) frame!: Frame;
  @property({ attribute: false }) chosen: SchemeId | null = null;
  /** Bytes of the layer as it is. */
  @property({ attribute: false }) bytesBefore = 0;
  @property() rate = '';
  @state() private width = 0;
  /** The point under the pointer or the keyboard. */
  @state() private told: SchemeId | null = null;
  @query('svg') private picture!: SVGSVGElement;
  private ruler: OffscreenCanvasRenderingContext2D | null = null;
  private readonly size = new ResizeObserver(
    ([entry]) => (this.width = Math.round(entry!.contentRect.width)),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  private get x(): Axis {
    const [from, to] = this.frame.bits;
    return { from, to, start: MARGIN.left, end: Math.max(MARGIN.left + 1, this.width - MARGIN.right) };
  }

  private get y(): Axis {
    const [from, to] = this.frame.sqnrDb;
    return { from, to, start: HEIGHT - MARGIN.bottom, end: MARGIN.top };
  }

  private get spots(): readonly Spot[] {
    const { x, y } = this;
    return this.points.map((point) => ({
      point,
      x: place(x, point.bits),
      y: place(y, point.sqnrDb),
      size: point.scheme === this.chosen ? CHOSEN_SIZE : POINT_SIZE,
    }));
  }

  override render() {
    const { width, spots, told } = this;
    const chosen = spots.find(({ point }) => point.scheme === this.chosen);
    const active = spots.find(({ point }) => point.scheme === told);
    return html`<div
      class="frame"
      role="listbox"
      tabindex="0"
      aria-label="Schemes by ${this.rate} and weight SQNR"
      aria-activedescendant=${active ? idOf(active.point) : nothing}
      @keydown=${this.onKey}
      @focus=${() => (this.told ??= this.chosen)}
      @blur=${() => (this.told = null)}
      @pointermove=${(event: PointerEvent) => (this.told = this.spotAt(event)?.point.scheme ?? null)}
      @pointerleave=${() => (this.told = null)}
      @click=${this.onClick}
    >
      <svg role="presentation" width=${width} height=${HEIGHT} class=${active ? 'told' : ''}>
        ${renderAxes(this.x, this.y, this.rate, 'SQNR, dB')}
        <clipPath id="inside">
          <rect
            x=${MARGIN.left}
            y=${MARGIN.top}
            width=${Math.max(0, width - MARGIN.left - MARGIN.right)}
            height=${HEIGHT - MARGIN.top - MARGIN.bottom}
          ></rect>
        </clipPath>
        <g clip-path="url(#inside)" aria-hidden="true">
          ${this.renderCurve('shannon', prolonged(this.theory?.shannon, this.frame.bits[1]))}
          ${this.renderCurve('lloyd', this.theory?.lloydMax)}
        </g>
        ${spots.map((spot) => this.renderPoint(spot))} ${this.renderNames(spots)}
        ${chosen ? this.renderChosen(chosen) : nothing}
        ${active ? svg`<circle class="active" cx=${active.x} cy=${active.y} r="9"></circle>` : nothing}
      </svg>
      ${active ? this.renderTip(active) : nothing}
    </div>`;
  }

  private renderCurve(kind: string, points: readonly RatePoint[] = []) {
    const { x, y } = this;
    const path = points
      .filter(({ sqnrDb }) => Number.isFinite(sqnrDb))
      .map(({ bits, sqnrDb }, i) => `${i === 0 ? 'M' : 'L'}${place(x, bits)} ${place(y, sqnrDb)}`)
      .join('');
    return svg`<path class="curve ${kind}" d=${path}></path>`;
  }

  private renderPoint({ point, x, y }: Spot) {
    const { scheme, bits, sqnrDb, best } = point;
    const { id, shape } = kindOf(scheme);
    return svg`<g
      id=${idOf(point)}
      class="point ${id} ${best ? 'best' : ''}"
      role="option"
      data-scheme=${scheme}
      aria-selected=${scheme === this.chosen}
      aria-label="${scheme}: ${formatDb(sqnrDb)} at ${bits.toFixed(2)} bits"
      transform="translate(${x} ${y})"
    >
      <path class="shape" d=${shape}></path>
    </g>`;
  }

  /** Over all others, which may stand close. */
  private renderChosen({ point, x, y }: Spot) {
    const { id, shape } = kindOf(point.scheme);
    return svg`<g class="point best ${id}" aria-hidden="true" transform="translate(${x} ${y})">
      <circle r=${CHOSEN_SIZE - 1}></circle>
      <path class="shape" d=${shape}></path>
    </g>`;
  }

  /** The chosen one's name, and of the others those of the best, as far as there is room. */
  private renderNames(spots: readonly Spot[]) {
    const named = spots
      .filter(({ point }) => point.best || point.scheme === this.chosen)
      .sort((a, b) => Number(b.point.scheme === this.chosen) - Number(a.point.scheme === this.chosen))
      .map(({ point, x, y, size }) => ({ text: point.scheme, x, y, size }));
    const area = {
      left: MARGIN.left,
      top: MARGIN.top,
      right: this.width - MARGIN.right,
      bottom: HEIGHT - MARGIN.bottom,
    };
    return placeLabels(named, area, spots, (text) => this.widthOf(text)).map(
      ({ text, textX, textY }) =>
        svg`<text
          class="name ${text === this.chosen ? 'chosen' : ''}"
          aria-hidden="true"
          x=${textX}
          y=${textY}
        >${text}</text>`,
    );
  }

  /** As if all names were bold, as the chosen one's is. */
  private widthOf(text: string): number {
    this.ruler ??= new OffscreenCanvas(1, 1).getContext('2d')!;
    this.ruler.font = `bold 11px ${getComputedStyle(this).fontFamily}`;
    return this.ruler.measureText(text).width;
  }

  /** Above or below its point, where there is more room, and never beyond the chart's sides. */
  private renderTip({ point, x, y }: Spot) {
    const left = Math.max(0, Math.min(x - TIP_WIDTH / 2, this.width - TIP_WIDTH));
    const height = y > HEIGHT / 2 ? { bottom: `${HEIGHT - y + AWAY}px` } : { top: `${y + AWAY}px` };
    const box = { left: `${left}px`, width: `${TIP_WIDTH}px`, ...height };
    return html`<div class="tip" aria-hidden="true" ${cssProperties(box)}>
      <b>${point.scheme}</b>
      <p class="dim">${describeScheme(point.scheme)}</p>
      ${errorFigures(point.error, this.bytesBefore)}
    </div>`;
  }

  private spotAt({ clientX, clientY }: MouseEvent): Spot | null {
    const { left, top } = this.picture.getBoundingClientRect();
    const distance = ({ x, y }: Spot) => Math.hypot(clientX - left - x, clientY - top - y);
    return this.spots
      .filter((spot) => distance(spot) <= REACH)
      .reduce<Spot | null>((a, b) => (a && distance(a) <= distance(b) ? a : b), null);
  }

  private onClick(event: MouseEvent): void {
    const spot = this.spotAt(event);
    if (spot) say(this, 'choose-scheme', spot.point.scheme);
  }

  private onKey(event: KeyboardEvent): void {
    const { points, told } = this;
    const at = points.findIndex(({ scheme }) => scheme === told);
    if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      event.preventDefault();
      return say(this, 'choose-scheme', points[at]!.scheme);
    }
    const upward = [...points].sort((a, b) => a.sqnrDb - b.sqnrDb);
    const height = upward.findIndex(({ scheme }) => scheme === told);
    const targets: Record<string, BakeOffPoint | undefined> = {
      ArrowRight: points[Math.min(points.length - 1, at + 1)],
      ArrowLeft: points[Math.max(0, at - 1)],
      ArrowUp: upward[Math.min(points.length - 1, height + 1)],
      ArrowDown: upward[Math.max(0, height - 1)],
      Home: points[0],
      End: points.at(-1),
    };
    if (event.key === 'Escape') this.told = null;
    else if (Object.hasOwn(targets, event.key)) this.told = targets[event.key]?.scheme ?? null;
    else return;
    event.preventDefault();
  }
}

function idOf({ scheme }: BakeOffPoint): string {
  return `point-${scheme.replace(/[^\w]/g, '-')}`;
}

/** Beyond the rates that it was asked for, Shannon's bound is a straight line: 6.02 dB for each bit. */
function prolonged(points: readonly RatePoint[] = [], bits: number): readonly RatePoint[] {
  const last = points.at(-1);
  if (!last || last.bits >= bits) return points;
  return [...points, { bits, sqnrDb: last.sqnrDb + 20 * Math.log10(2) * (bits - last.bits) }];
}
