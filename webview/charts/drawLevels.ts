import type uPlot from 'uplot';

/** Levels that are closer than this many pixels on average are no lines, which would cover the histogram, but only marks below it. */
const LINE_DISTANCE = 8;
const RUG_HEIGHT = 8;
/** How visible a mark is at the least. */
const FAINTEST = 0.6;

/** Marks every level at the bottom, the darker the more fall on one pixel, and as a line where there is room. */
export function drawLevels(plot: uPlot, levels: Float32Array, colour: string): void {
  const { ctx, bbox } = plot;
  const scale = window.devicePixelRatio;
  const counts = levelsPerPixel(levels, (level) => plot.valToPos(level, 'x', true), bbox.left, bbox.width);
  if (counts.size === 0) return;
  const most = Math.max(...counts.values());
  const columns = [...counts.keys()];
  const span = Math.max(...columns) - Math.min(...columns);
  const sparse = (counts.size - 1) * LINE_DISTANCE * scale <= span;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.fillStyle = colour;
  for (const [x, count] of counts) {
    ctx.globalAlpha = FAINTEST + (1 - FAINTEST) * (count / most);
    ctx.fillRect(x - scale / 2, bottom - RUG_HEIGHT * scale, scale, RUG_HEIGHT * scale);
    if (!sparse) continue;
    ctx.globalAlpha = 0.6;
    ctx.fillRect(x - scale / 2, bbox.top, scale, bbox.height);
  }
  ctx.restore();
}

/** How many levels fall on each pixel column from `left` on. */
export function levelsPerPixel(
  levels: Float32Array,
  toPixel: (level: number) => number,
  left: number,
  width: number,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const level of levels) {
    const x = Math.round(toPixel(level));
    if (x >= left && x <= left + width) counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  return counts;
}

/** Shades what lies beyond the outermost levels: weights there become the nearest of them. */
export function drawClipped(plot: uPlot, levels: Float32Array, colour: string): void {
  if (levels.length === 0) return;
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  const inside = (x: number) => Math.min(right, Math.max(bbox.left, x));
  const lowest = inside(plot.valToPos(levels[0]!, 'x', true));
  const highest = inside(plot.valToPos(levels.at(-1)!, 'x', true));
  ctx.save();
  ctx.globalAlpha = 0.2;
  ctx.fillStyle = colour;
  ctx.fillRect(bbox.left, bbox.top, lowest - bbox.left, bbox.height);
  ctx.fillRect(highest, bbox.top, right - highest, bbox.height);
  ctx.restore();
}
