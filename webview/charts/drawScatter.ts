import type { CodebookCells } from './CodebookCells';
import { fitCanvas, themeColour } from './fitCanvas';

/** Of the weights, what the middle of the picture holds. */
const MIDDLE = 0.995;
const MARGIN_SHARE = 1.04;
const DOT = 1.6;
const ENTRY = 2.6;

/** How far from zero the plane reaches, for all pairs or for the middle that holds nearly all of them. */
export function reachOf(pairs: Float32Array, whole: boolean): number {
  const magnitudes = pairs.map(Math.abs).sort();
  const at = whole ? magnitudes.length - 1 : Math.ceil(magnitudes.length * MIDDLE) - 1;
  return (magnitudes[Math.max(0, at)] ?? 0) * MARGIN_SHARE || 1;
}

/** Pairs of weights as dots in the plane, the first across, the second up, and over them the cells of the codebook. */
export function drawScatter(
  canvas: HTMLCanvasElement,
  pairs: Float32Array,
  cells: CodebookCells,
  reach: number,
  told: number | null,
): void {
  const context = fitCanvas(canvas);
  if (!context) return;
  const half = canvas.clientWidth / 2;
  const scale = half / reach;
  const at = (value: number) => half + value * scale;
  const colour = (name: string, otherwise: string) => themeColour(canvas, name, otherwise);

  context.globalAlpha = 0.55;
  context.fillStyle = colour('--vscode-charts-blue', '#3794ff');
  for (let i = 0; i < pairs.length; i += 2)
    context.fillRect(at(pairs[i]!) - DOT / 2, at(-pairs[i + 1]!) - DOT / 2, DOT, DOT);

  context.globalAlpha = 1;
  const border = (path: string, ink: string, width: number) => {
    context.save();
    context.translate(half, half);
    context.scale(scale, -scale);
    context.strokeStyle = ink;
    context.lineWidth = width / scale;
    context.stroke(new Path2D(path));
    context.restore();
  };
  border(cells.borders(reach), colour('--vscode-descriptionForeground', '#888'), 0.6);
  context.fillStyle = colour('--vscode-editorWarning-foreground', '#cca700');
  for (let entry = 0; entry < cells.entries; entry++) {
    const [x, y] = cells.entry(entry);
    context.beginPath();
    context.arc(at(x), at(-y), ENTRY, 0, 2 * Math.PI);
    context.fill();
  }
  if (told !== null) border(cells.border(told, reach), colour('--vscode-focusBorder', '#0078d4'), 2);
}
