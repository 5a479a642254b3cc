import { svg } from 'lit';
import { place, ticks, type Axis } from './axis';

/** Pixels between ticks, about. */
const DISTANCE = { x: 60, y: 48 };

/** Two axes with their grid, ticks and titles; the horizontal one lies at the start of the other. */
export function renderAxes(x: Axis, y: Axis, xTitle: string, yTitle: string) {
  return svg`<g class="axes" aria-hidden="true">
    ${ticks(x, (x.end - x.start) / DISTANCE.x).map((value) => {
      const at = place(x, value);
      return svg`<line x1=${at} x2=${at} y1=${y.end} y2=${y.start}></line>
        <text x=${at} y=${y.start + 14} text-anchor="middle">${tickText(value)}</text>`;
    })}
    ${ticks(y, (y.start - y.end) / DISTANCE.y).map((value) => {
      const at = place(y, value);
      return svg`<line x1=${x.start} x2=${x.end} y1=${at} y2=${at}></line>
        <text x=${x.start - 5} y=${at + 4} text-anchor="end">${tickText(value)}</text>`;
    })}
    <text x=${(x.start + x.end) / 2} y=${y.start + 30} text-anchor="middle">${xTitle}</text>
    <text transform="translate(${x.start - 28} ${(y.start + y.end) / 2}) rotate(-90)" text-anchor="middle">${yTitle}</text>
  </g>`;
}

/** Without the noise of binary fractions. */
function tickText(value: number): string {
  return String(Number(value.toFixed(6)));
}
