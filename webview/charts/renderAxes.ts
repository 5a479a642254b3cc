import type { ScaleLinear } from 'd3-scale';
import { svg } from 'lit';

/** From values to pixels. */
export type Scale = ScaleLinear<number, number>;

/** Pixels between ticks, about. */
const TICK_DISTANCE = { x: 60, y: 48 };

/**
 * Two axes with their grid, ticks and titles; the horizontal one lies at the start of the other. d3-scale chooses the
 * ticks; d3-axis would write into the page past lit.
 */
export function renderAxes(x: Scale, y: Scale, xTitle: string, yTitle: string) {
  const [left, right] = x.range() as [number, number];
  const [bottom, top] = y.range() as [number, number];
  return svg`<g class="axes" aria-hidden="true">
    ${x.ticks((right - left) / TICK_DISTANCE.x).map((value) => {
      const at = x(value);
      return svg`<line x1=${at} x2=${at} y1=${top} y2=${bottom}></line>
        <text x=${at} y=${bottom + 14} text-anchor="middle">${value}</text>`;
    })}
    ${y.ticks((bottom - top) / TICK_DISTANCE.y).map((value) => {
      const at = y(value);
      return svg`<line x1=${left} x2=${right} y1=${at} y2=${at}></line>
        <text x=${left - 5} y=${at + 4} text-anchor="end">${value}</text>`;
    })}
    <text x=${(left + right) / 2} y=${bottom + 30} text-anchor="middle">${xTitle}</text>
    <text transform="translate(${left - 28} ${(bottom + top) / 2}) rotate(-90)" text-anchor="middle">${yTitle}</text>
  </g>`;
}
