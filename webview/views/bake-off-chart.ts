import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { describeScheme } from '../../src/shared/describeScheme';
import { formatDb } from '../../src/shared/format';
import type { RatePoint, RateTheory } from '../../src/shared/measures';
import type { SchemeId } from '../../src/shared/scheme';
import { MARKS, type BakeOffPoint, type Mark } from '../charts/bakeOffPoints';
import { placeLabels } from '../charts/placeLabels';
import { ticks } from '../charts/ticks';
import { base } from '../styles';
import { bakeOffChartStyles } from './bakeOffChartStyles';

const HEIGHT = 330;
const MARGIN = { left: 40, right: 10, top: 10, bottom: 36 };
/** Pixels between ticks. */
const TICK_X = 60;
const TICK_Y = 44;
/** What the axes show at the least. */
const LEAST_BITS = 4.5;
const LEAST_DB = 30;
/** A point is pointed at from so many pixels away. */
const REACH = 16;
/** Worse than this is drawn at the bottom: the error is larger than the weights themselves. */
const BOTTOM_DB = -5;

const SHAPES: Readonly<Record<Mark, string>> = {
  integer: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z',
  float: 'M-4 -4H4V4H-4Z',
  power: 'M0 -5L5 4H-5Z',
  codebook: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z',
  binary: 'M-1.5 -5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z',
};

/** Distortion against rate: a mark for every scheme, and the curves of theory. */
@customElement('bake-off-chart')
export class BakeOffChart extends LitElement {
  static override styles = [base, bakeOffChartStyles];

  @property({ attribute: false }) points: readonly BakeOffPoint[] = [];
  @property({ attribute: false }) theory: RateTheory | null = null;
  @property({ attribute: false }) chosen!: SchemeId;
  @property({ attribute: false }) entropyCoded = false;
  @state() private width = 400;
  /** The point under the pointer or with the keyboard on it. */
  @state() private spot: SchemeId | null = null;
  private readonly size = new ResizeObserver(
    ([entry]) => (this.width = Math.max(240, entry!.contentRect.width)),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  override render() {
    const { points, spot } = this;
    const shown =
      points.find(({ scheme }) => scheme === spot) ?? points.find(({ scheme }) => scheme === this.chosen);
    return html`
      <svg
        width=${this.width}
        height=${HEIGHT}
        role="group"
        aria-label="Weight SQNR of ${points.length} schemes against ${this.bitsText}"
        @keydown=${this.onKey}
        @pointermove=${(event: PointerEvent) => (this.spot = this.nearest(event)?.scheme ?? null)}
        @click=${this.onClick}
        @pointerleave=${() => (this.spot = null)}
      >
        ${this.renderAxes()} ${this.renderCurves()} ${this.renderPoints()} ${this.renderLabels()}
      </svg>
      <div class="spot number" role="status">${shown ? this.renderSpot(shown) : nothing}</div>
      <div class="legend dim small">
        ${MARKS.map(
          ({ mark, label }) =>
            html`<span
              ><svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
                ${svg`<path class="mark ${mark}" d=${SHAPES[mark]} />`}</svg
              >${label}</span
            >`,
        )}
        <span><i class="line shannon"></i>Shannon's bound</span>
        <span><i class="line lloyd"></i>Lloyd-Max</span>
      </div>
    `;
  }

  private renderSpot({ scheme, bits, sqnrDb }: BakeOffPoint) {
    return html`<b>${scheme}</b> ${bits.toFixed(2)} bits,
      ${formatDb(Number.isFinite(sqnrDb) ? sqnrDb : null)}${scheme === this.chosen ? ' · chosen' : ''}
      <span class="dim small">${describeScheme(scheme)}</span>`;
  }

  private get bitsText(): string {
    return this.entropyCoded ? 'bits per weight, entropy coded' : 'true bits per weight';
  }

  private get bounds() {
    const bits = this.points.reduce((most, point) => Math.max(most, point.bits), LEAST_BITS);
    const finite = this.points.map(({ sqnrDb }) => sqnrDb).filter(Number.isFinite);
    const top = finite.reduce((most, db) => Math.max(most, db), LEAST_DB);
    const bottom = finite.reduce((least, db) => Math.min(least, db), 0);
    return { bits: bits * 1.04, top: top + 4, bottom: Math.max(BOTTOM_DB, bottom - 1) };
  }

  private x(bits: number): number {
    const { left, right } = MARGIN;
    return left + (bits / this.bounds.bits) * (this.width - left - right);
  }

  private y(db: number): number {
    const { top, bottom } = this.bounds;
    const share = (top - Math.min(top, Math.max(bottom, db))) / (top - bottom);
    return MARGIN.top + share * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  private renderAxes() {
    const { bits, top, bottom } = this.bounds;
    const right = this.width - MARGIN.right;
    const floor = HEIGHT - MARGIN.bottom;
    const ups = ticks(bottom, top, (HEIGHT - MARGIN.top - MARGIN.bottom) / TICK_Y);
    const acrosses = ticks(0, bits, (right - MARGIN.left) / TICK_X);
    return svg`<g class="axes" aria-hidden="true">
      ${ups.map(
        (db) => svg`<line class="grid" x1=${MARGIN.left} x2=${right} y1=${this.y(db)} y2=${this.y(db)} />
          <text x=${MARGIN.left - 6} y=${this.y(db) + 4} text-anchor="end">${db}</text>`,
      )}
      ${acrosses.map(
        (each) => svg`<line class="grid" x1=${this.x(each)} x2=${this.x(each)} y1=${MARGIN.top} y2=${floor} />
          <text x=${this.x(each)} y=${floor + 15} text-anchor="middle">${each}</text>`,
      )}
      <text x=${(MARGIN.left + right) / 2} y=${HEIGHT - 4} text-anchor="middle">${this.bitsText}</text>
      <text transform="translate(10 ${(MARGIN.top + floor) / 2}) rotate(-90)" text-anchor="middle">weight SQNR (dB)</text>
    </g>`;
  }

  private renderCurves() {
    if (!this.theory) return nothing;
    const { bits, top } = this.bounds;
    const path = (points: readonly RatePoint[]) =>
      points
        .filter((point) => point.bits <= bits && point.sqnrDb <= top)
        .map((point, i) => `${i === 0 ? 'M' : 'L'}${this.x(point.bits)} ${this.y(point.sqnrDb)}`)
        .join('');
    return svg`<g aria-hidden="true">
      <path class="curve shannon" d=${path(this.theory.shannon)} />
      <path class="curve lloyd" d=${path(this.theory.lloydMax)} />
    </g>`;
  }

  private renderPoints() {
    const focus = this.points.some(({ scheme }) => scheme === this.spot) ? this.spot : this.firstFocus();
    // What is chosen or pointed at lies over the rest.
    const over = ({ scheme }: BakeOffPoint) => (scheme === this.spot ? 2 : scheme === this.chosen ? 1 : 0);
    return [...this.points]
      .sort((a, b) => over(a) - over(b))
      .map((point) => {
        const { scheme, mark, bits, sqnrDb } = point;
        const state = `${scheme === this.chosen ? 'chosen' : ''} ${scheme === this.spot ? 'spotted' : ''}`;
        return svg`<g
          class="point ${state}"
          role="button"
          tabindex=${scheme === focus ? 0 : -1}
          data-scheme=${scheme}
          aria-pressed=${scheme === this.chosen}
          aria-label="${scheme}: ${bits.toFixed(2)} bits, ${formatDb(Number.isFinite(sqnrDb) ? sqnrDb : null)}"
          transform="translate(${this.x(bits)} ${this.y(sqnrDb)})"
          @focus=${() => (this.spot = scheme)}
        >
          <circle class="reach" r="9" />
          ${scheme === this.chosen ? svg`<circle class="ring" r="8.5" />` : nothing}
          <path class="mark ${mark}" d=${SHAPES[mark]} />
        </g>`;
      });
  }

  /** The chosen scheme's name first, then those that nothing beats, from few bits to many. */
  private renderLabels() {
    const place = (point: BakeOffPoint) => ({ x: this.x(point.bits), y: this.y(point.sqnrDb) });
    const first = this.points.filter(({ scheme }) => scheme === this.chosen);
    const wanted = [...first, ...this.points.filter(({ best, scheme }) => best && scheme !== this.chosen)];
    const labels = placeLabels(
      wanted.map((point) => ({ ...place(point), text: point.scheme })),
      this.points.map(place),
      { width: this.width, height: HEIGHT - MARGIN.bottom },
    );
    return svg`<g class="labels" aria-hidden="true">
      ${labels.map(
        ({ index, x, y, anchor }) =>
          svg`<text
            class=${wanted[index]!.scheme === this.chosen ? 'chosen' : ''}
            x=${x}
            y=${y}
            text-anchor=${anchor}
          >${wanted[index]!.scheme}</text>`,
      )}
    </g>`;
  }

  private firstFocus(): SchemeId | undefined {
    return (this.points.find(({ scheme }) => scheme === this.chosen) ?? this.points[0])?.scheme;
  }

  /** Arrow keys go from point to point by bits; Enter and the space bar choose. */
  private onKey(event: KeyboardEvent): void {
    const here = this.points.findIndex(({ scheme }) => scheme === (this.spot ?? this.firstFocus()));
    if (event.key === 'Enter' || event.key === ' ') {
      if (here >= 0) this.choose(this.points[here]!.scheme);
    } else {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (step === undefined) return;
      const next = this.points[Math.min(this.points.length - 1, Math.max(0, here + step))];
      if (next) this.focusPoint(next.scheme);
    }
    event.preventDefault();
  }

  private onClick(event: MouseEvent): void {
    const point = this.nearest(event);
    if (point) this.choose(point.scheme);
  }

  /** The point that is meant: marks lie over each other, so that being on top says nothing. */
  private nearest({ clientX, clientY }: MouseEvent): BakeOffPoint | undefined {
    const { left, top } = this.renderRoot.querySelector('svg')!.getBoundingClientRect();
    const distance = ({ bits, sqnrDb }: BakeOffPoint) =>
      Math.hypot(this.x(bits) - (clientX - left), this.y(sqnrDb) - (clientY - top));
    const [point] = [...this.points].sort((a, b) => distance(a) - distance(b));
    return point && distance(point) <= REACH ? point : undefined;
  }

  private focusPoint(scheme: SchemeId): void {
    const points = this.renderRoot.querySelectorAll<SVGGElement>('.point');
    [...points].find(({ dataset }) => dataset['scheme'] === scheme)?.focus();
  }

  private choose(scheme: SchemeId): void {
    this.dispatchEvent(new CustomEvent<SchemeId>('choose-scheme', { detail: scheme }));
  }
}
