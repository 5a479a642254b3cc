import type { LayerView } from '../../src/shared/measures';
import { colourAt } from './colourScale';
import { fitCanvas } from './fitCanvas';

/** The weight matrix's errors as a picture: output channels down, weights of a channel across; the largest error is lightest. */
export function drawErrorMap(canvas: HTMLCanvasElement, map: LayerView['errorMap'], largest: number): void {
  const context = fitCanvas(canvas);
  if (!context || map.rows === 0 || map.columns === 0) return;
  const picture = new ImageData(map.columns, map.rows);
  map.values.forEach((error, i) => {
    const [r, g, b] = colourAt(largest === 0 ? 0 : error / largest);
    picture.data.set([r, g, b, 255], 4 * i);
  });
  const tiles = new OffscreenCanvas(map.columns, map.rows);
  tiles.getContext('2d')!.putImageData(picture, 0, 0);
  // Tiles are facts; blurring them would make up values between.
  context.imageSmoothingEnabled = false;
  context.drawImage(tiles, 0, 0, canvas.clientWidth, canvas.clientHeight);
}

/** The rows and columns of the weight matrix under a point of the picture (0 to 1 each way), and their largest error. */
export function tileAt(map: LayerView['errorMap'], x: number, y: number) {
  const column = Math.min(map.columns - 1, Math.max(0, Math.floor(x * map.columns)));
  const row = Math.min(map.rows - 1, Math.max(0, Math.floor(y * map.rows)));
  const span = (index: number, tiles: number, total: number): [number, number] => {
    const from = Math.ceil((index * total) / tiles);
    return [from, Math.max(from, Math.ceil(((index + 1) * total) / tiles) - 1)];
  };
  return {
    rows: span(row, map.rows, map.matrixRows),
    columns: span(column, map.columns, map.matrixColumns),
    error: map.values[row * map.columns + column] ?? 0,
  };
}
