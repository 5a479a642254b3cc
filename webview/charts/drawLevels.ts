import type uPlot from 'uplot';

/** Levels closer than this many pixels are drawn as marks at the bottom, as lines would cover the histogram. */
const LINE_DISTANCE = 4;
const RUG_HEIGHT = 9;

/** Marks every level: a line where there is room, else a rug below. */
export function drawLevels(plot: uPlot, levels: Float32Array, colour: string): void {
  const { ctx, bbox } = plot;
  const scale = window.devicePixelRatio;
  const places = new Set(Array.from(levels, (level) => Math.round(plot.valToPos(level, 'x', true))));
  const inside = [...places].filter((x) => x >= bbox.left && x <= bbox.left + bbox.width);
  const sparse = inside.length <= bbox.width / (LINE_DISTANCE * scale);
  ctx.save();
  ctx.fillStyle = colour;
  for (const x of inside) {
    const bottom = bbox.top + bbox.height;
    ctx.globalAlpha = 1;
    ctx.fillRect(x - scale / 2, bottom - RUG_HEIGHT * scale, scale, RUG_HEIGHT * scale);
    if (!sparse) continue;
    ctx.globalAlpha = 0.55;
    ctx.fillRect(x - scale / 2, bbox.top, scale, bbox.height);
  }
  ctx.restore();
}

/** Shades what lies beyond the outermost levels: weights there become the nearest of them. */
export function drawClipped(plot: uPlot, levels: Float32Array, colour: string): void {
  if (levels.length === 0) return;
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  const lowest = Math.max(bbox.left, plot.valToPos(levels[0]!, 'x', true));
  const highest = Math.min(right, plot.valToPos(levels.at(-1)!, 'x', true));
  ctx.save();
  ctx.globalAlpha = 0.18;
  ctx.fillStyle = colour;
  ctx.fillRect(bbox.left, bbox.top, lowest - bbox.left, bbox.height);
  ctx.fillRect(highest, bbox.top, right - highest, bbox.height);
  ctx.restore();
}
