import { scaleLinear } from 'd3-scale';
import { nothing, svg } from 'lit';
import type { RatePoint, RateTheory } from '../../src/core/measure/layerView';
import { formatDb } from '../../src/core/report/format';
import type { SchemeId } from '../../src/core/scheme/scheme';
import type { BakeOffPoint, Frame } from './bakeOffPoints';
import { kindOf } from './families';
import { placeLabels } from './placeLabels';
import { renderAxes, type Scale } from './renderAxes';

export const BAKE_OFF_HEIGHT = 320;
const MARGIN = { left: 38, right: 10, top: 10, bottom: 36 };
/** Pixels from the middle of a mark to its edge. */
const POINT_SIZE = 6;
const CHOSEN_SIZE = 11;

/** A point with its place in the picture, in pixels. */
export interface Spot {
  readonly point: BakeOffPoint;
  readonly x: number;
  readonly y: number;
  /** Half the width of its mark. */
  readonly size: number;
}

export interface BakeOffPicture {
  readonly points: readonly BakeOffPoint[];
  readonly theory: RateTheory | null;
  readonly frame: Frame;
  readonly chosen: SchemeId | null;
  /** The scheme under the pointer or the keyboard. */
  readonly active: SchemeId | null;
  /** Title of the horizontal axis. */
  readonly rate: string;
  readonly width: number;
  /** Pixels that a name takes. */
  widthOf(text: string): number;
}

/** Where each point of the picture lies. */
export function spotsOf(picture: Pick<BakeOffPicture, 'points' | 'frame' | 'chosen' | 'width'>): Spot[] {
  const { x, y } = scalesOf(picture);
  return picture.points.map((point) => ({
    point,
    x: x(point.bits),
    y: y(point.sqnrDb),
    size: point.scheme === picture.chosen ? CHOSEN_SIZE : POINT_SIZE,
  }));
}

/** Distortion against rate: every scheme a point, and what theory allows as curves. */
export function renderBakeOff(picture: BakeOffPicture) {
  const { theory, frame, rate, width } = picture;
  const { x, y } = scalesOf(picture);
  const spots = spotsOf(picture);
  const chosen = spots.find(({ point }) => point.scheme === picture.chosen);
  const active = spots.find(({ point }) => point.scheme === picture.active);
  return svg`
    ${renderAxes(x, y, rate, 'SQNR, dB')}
    <clipPath id="inside">
      <rect
        x=${MARGIN.left}
        y=${MARGIN.top}
        width=${Math.max(0, width - MARGIN.left - MARGIN.right)}
        height=${BAKE_OFF_HEIGHT - MARGIN.top - MARGIN.bottom}
      ></rect>
    </clipPath>
    <g clip-path="url(#inside)" aria-hidden="true">
      ${renderCurve(x, y, 'shannon', prolonged(theory?.shannon, frame.bits[1]))}
      ${renderCurve(x, y, 'lloyd', theory?.lloydMax)}
    </g>
    ${spots.map((spot) => renderPoint(spot, picture.chosen))} ${renderNames(spots, picture)}
    ${chosen ? renderChosen(chosen) : nothing}
    ${active ? svg`<circle class="active" cx=${active.x} cy=${active.y} r="9"></circle>` : nothing}`;
}

/** The id of a point's element in the page. */
export function pointId({ scheme }: BakeOffPoint): string {
  return `point-${scheme.replace(/[^\w]/g, '-')}`;
}

function scalesOf({ frame, width }: Pick<BakeOffPicture, 'frame' | 'width'>): { x: Scale; y: Scale } {
  return {
    x: scaleLinear(frame.bits, [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)]),
    y: scaleLinear(frame.sqnrDb, [BAKE_OFF_HEIGHT - MARGIN.bottom, MARGIN.top]),
  };
}

function renderCurve(x: Scale, y: Scale, kind: string, points: readonly RatePoint[] = []) {
  const path = points
    .filter(({ sqnrDb }) => Number.isFinite(sqnrDb))
    .map(({ bits, sqnrDb }, i) => `${i === 0 ? 'M' : 'L'}${x(bits)} ${y(sqnrDb)}`)
    .join('');
  return svg`<path class="curve ${kind}" d=${path}></path>`;
}

function renderPoint({ point, x, y }: Spot, chosen: SchemeId | null) {
  const { scheme, bits, sqnrDb, best } = point;
  const { id, shape } = kindOf(scheme);
  return svg`<g
    id=${pointId(point)}
    class="point ${id} ${best ? 'best' : ''}"
    role="option"
    data-scheme=${scheme}
    aria-selected=${scheme === chosen}
    aria-label="${scheme}: ${formatDb(sqnrDb)} at ${bits.toFixed(2)} bits"
    transform="translate(${x} ${y})"
  >
    <path class="shape" d=${shape}></path>
  </g>`;
}

/** Drawn last, as others may lie over it. */
function renderChosen({ point, x, y }: Spot) {
  const { id, shape } = kindOf(point.scheme);
  return svg`<g class="point best ${id}" aria-hidden="true" transform="translate(${x} ${y})">
    <circle r=${CHOSEN_SIZE - 1}></circle>
    <path class="shape" d=${shape}></path>
  </g>`;
}

/** The chosen scheme's name, then those of the best, as far as there is room. */
function renderNames(spots: readonly Spot[], { chosen, width, widthOf }: BakeOffPicture) {
  const named = spots
    .filter(({ point }) => point.best || point.scheme === chosen)
    .sort((a, b) => Number(b.point.scheme === chosen) - Number(a.point.scheme === chosen))
    .map(({ point, x, y, size }) => ({ text: point.scheme, x, y, size }));
  const area = {
    left: MARGIN.left,
    top: MARGIN.top,
    right: width - MARGIN.right,
    bottom: BAKE_OFF_HEIGHT - MARGIN.bottom,
  };
  return placeLabels(named, area, spots, widthOf).map(
    ({ text, textX, textY }) =>
      svg`<text
        class="name ${text === chosen ? 'chosen' : ''}"
        aria-hidden="true"
        x=${textX}
        y=${textY}
      >${text}</text>`,
  );
}

/** Shannon's bound beyond the computed rates, where it is a straight line: 6.02 dB for each bit. */
function prolonged(points: readonly RatePoint[] = [], bits: number): readonly RatePoint[] {
  const last = points.at(-1);
  if (!last || last.bits >= bits) return points;
  return [...points, { bits, sqnrDb: last.sqnrDb + 20 * Math.log10(2) * (bits - last.bits) }];
}
