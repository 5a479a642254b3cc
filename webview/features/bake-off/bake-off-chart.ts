import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import type { RateTheory } from '../../../src/core/measure/layerView';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { BAKE_OFF_HEIGHT, pointId, renderBakeOff, spotsOf, type Spot } from '../../charts/bakeOffPicture';
import type { BakeOffPoint, Frame } from '../../charts/bakeOffPoints';
import { kindStyles } from '../../charts/kindStyles';
import { cssProperties } from '../../components/cssProperties';
import { say } from '../../app/intents';
import { base } from '../../app/styles';
import { bakeOffChartStyles } from './bakeOffChartStyles';
import { errorFigures, errorFiguresStyles } from '../layer/errorFigures';

/** Of the box that tells of a point, and from the point to the box. */
const TIP_WIDTH = 230;
const AWAY = 14;
/** Pixels that a pointer may be beside a point. */
const REACH = 16;

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
  @state() width = 0;
  /** The point under the pointer or the keyboard. */
  @state() private active: SchemeId | null = null;
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

  private get spots(): readonly Spot[] {
    return spotsOf(this);
  }

  override render() {
    const { width, active } = this;
    const spot = this.spots.find(({ point }) => point.scheme === active);
    return html`<div
      class="frame"
      role="listbox"
      tabindex="0"
      aria-label="Schemes by ${this.rate} and weight SQNR"
      aria-activedescendant=${spot ? pointId(spot.point) : nothing}
      @keydown=${this.onKey}
      @focus=${() => (this.active ??= this.chosen)}
      @blur=${() => (this.active = null)}
      @pointermove=${(event: PointerEvent) => (this.active = this.spotAt(event)?.point.scheme ?? null)}
      @pointerleave=${() => (this.active = null)}
      @click=${this.onClick}
    >
      <svg role="presentation" width=${width} height=${BAKE_OFF_HEIGHT} class=${spot ? 'pointed' : ''}>
        ${renderBakeOff({
          points: this.points,
          theory: this.theory,
          frame: this.frame,
          chosen: this.chosen,
          active,
          rate: this.rate,
          width,
          widthOf: (text) => this.widthOf(text),
        })}
      </svg>
      ${spot ? this.renderTip(spot) : nothing}
    </div>`;
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
    const height =
      y > BAKE_OFF_HEIGHT / 2 ? { bottom: `${BAKE_OFF_HEIGHT - y + AWAY}px` } : { top: `${y + AWAY}px` };
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
    const { points, active } = this;
    const at = points.findIndex(({ scheme }) => scheme === active);
    if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      event.preventDefault();
      return say(this, 'choose-scheme', points[at]!.scheme);
    }
    const upward = [...points].sort((a, b) => a.sqnrDb - b.sqnrDb);
    const height = upward.findIndex(({ scheme }) => scheme === active);
    const targets: Record<string, BakeOffPoint | undefined> = {
      ArrowRight: points[Math.min(points.length - 1, at + 1)],
      ArrowLeft: points[Math.max(0, at - 1)],
      ArrowUp: upward[Math.min(points.length - 1, height + 1)],
      ArrowDown: upward[Math.max(0, height - 1)],
      Home: points[0],
      End: points.at(-1),
    };
    if (event.key === 'Escape') this.active = null;
    else if (Object.hasOwn(targets, event.key)) this.active = targets[event.key]?.scheme ?? null;
    else return;
    event.preventDefault();
  }
}
