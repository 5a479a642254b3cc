import { scaleLinear } from 'd3-scale';
import { svg } from 'lit';
import type { NearestAndChosen } from '../../src/core/measure/repairView';
import { renderAxes } from './renderAxes';

export const REPAIR_HEIGHT = 220;
const MARGIN = { left: 40, right: 10, top: 10, bottom: 36 };
/** Where there is no error at all, or nothing else, a curve ends here, dB. */
const MOST_DB = 120;
const LEAST_DB = -20;
/** A range of less than this is all noise, dB. */
const MIN_RANGE = 10;

/** Output error channel by channel, the worst of the nearest levels first: one curve for these, one for the chosen ones. */
export function renderRepair({ nearest, chosen }: NearestAndChosen<Float32Array>, width: number) {
  const order = Array.from(nearest, (_, channel) => channel).sort((a, b) => nearest[a]! - nearest[b]!);
  const inside = (db: number) => Math.min(MOST_DB, Math.max(LEAST_DB, db));
  const curves = {
    nearest: order.map((c) => inside(nearest[c]!)),
    chosen: order.map((c) => inside(chosen[c]!)),
  };
  const all = [...curves.nearest, ...curves.chosen];
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const x = scaleLinear([0, order.length], [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)]);
  const y = scaleLinear(
    [low, Math.max(high, low + MIN_RANGE)],
    [REPAIR_HEIGHT - MARGIN.bottom, MARGIN.top],
  ).nice();
  // Steps, as a channel is no point on a line.
  const path = (curve: readonly number[]) =>
    curve.map((db, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(db)}H${x(i + 1)}`).join('');
  return svg`
    ${renderAxes(x, y, 'output channels, worst first', 'output SQNR, dB')}
    <path class="curve nearest" d=${path(curves.nearest)}></path>
    <path class="curve chosen" d=${path(curves.chosen)}></path>`;
}
