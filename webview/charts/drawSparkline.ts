import { fitCanvas, themeColour } from './fitCanvas';

/** A small histogram without axes: one bar a bin, as high as its count. */
export function drawSparkline(canvas: HTMLCanvasElement, counts: readonly number[]): void {
  const context = fitCanvas(canvas);
  if (!context) return;
  const most = Math.max(...counts, 1);
  const width = canvas.clientWidth / counts.length;
  const height = canvas.clientHeight;
  context.fillStyle = themeColour(canvas, '--vscode-charts-blue', '#3794ff');
  counts.forEach((count, i) => {
    // A bin that holds anything stays visible.
    const bar = count === 0 ? 0 : Math.max(1, (count / most) * height);
    context.fillRect(i * width, height - bar, Math.max(1, width - 0.5), bar);
  });
}
