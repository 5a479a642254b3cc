import { fromNumber } from '../../src/core/measure/Decibels';
import { css, sqnrColour, SQNR_RANGE } from './colourScale';
import { fitCanvas, themeColour } from './fitCanvas';

/** A bar per output channel, as high as its SQNR; where channels are narrower than a pixel, the worst of them. */
export function drawChannelStrip(
  canvas: HTMLCanvasElement,
  sqnrDb: Float32Array,
  chosen: number | null,
): void {
  const context = fitCanvas(canvas);
  if (!context || sqnrDb.length === 0) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const bars = Math.min(sqnrDb.length, Math.floor(width));
  const step = width / bars;
  for (let bar = 0; bar < bars; bar++) {
    const from = Math.floor((bar * sqnrDb.length) / bars);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * sqnrDb.length) / bars));
    const worst = sqnrDb.subarray(from, to).reduce((a, b) => Math.min(a, b), Infinity);
    context.fillStyle = css(sqnrColour(fromNumber(worst)));
    const share = Math.min(1, Math.max(0.03, worst / SQNR_RANGE.highest));
    context.fillRect(
      bar * step,
      height * (1 - share),
      Math.max(1, step - (step > 3 ? 1 : 0)),
      height * share,
    );
  }
  if (chosen === null) return;
  context.strokeStyle = themeColour(canvas, '--vscode-focusBorder', '#0078d4');
  context.lineWidth = 2;
  const x = (chosen / sqnrDb.length) * width;
  context.strokeRect(Math.max(1, x), 1, Math.max(2, width / sqnrDb.length - 2), height - 2);
}

/** The worst channels, worst first. */
export function worstChannels(sqnrDb: Float32Array, count: number): { channel: number; sqnrDb: number }[] {
  return Array.from(sqnrDb, (value, channel) => ({ channel, sqnrDb: value }))
    .filter((entry) => Number.isFinite(entry.sqnrDb))
    .sort((a, b) => a.sqnrDb - b.sqnrDb)
    .slice(0, count);
}
