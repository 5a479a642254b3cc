import type { LayerView } from '../../src/core/measure/layerView';
import { colourAt, MAGMA } from './colourScale';
import { fitCanvas } from './fitCanvas';

type ErrorMap = LayerView['errorMap'];

/** Rows and columns of the weight matrix, first and last, that a tile stands for, and the largest error among them. */
export interface Tile {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
  readonly error: number;
}

/** The weight matrix's errors as a picture: output channels down, weights of a channel across; the largest is lightest. */
export function drawErrorMap(canvas: HTMLCanvasElement, map: ErrorMap, largest: number): void {
  const context = fitCanvas(canvas);
  if (!context || map.rows === 0 || map.columns === 0) return;
  const picture = new ImageData(map.columns, map.rows);
  map.values.forEach((error, i) => {
    const [r, g, b] = colourAt(MAGMA, largest === 0 ? 0 : error / largest);
    picture.data.set([r, g, b, 255], 4 * i);
  });
  const tiles = new OffscreenCanvas(map.columns, map.rows);
  tiles.getContext('2d')!.putImageData(picture, 0, 0);
  // Tiles are facts; blurring them would make up values between.
  context.imageSmoothingEnabled = false;
  context.drawImage(tiles, 0, 0, canvas.clientWidth, canvas.clientHeight);
}

/** The tile under a point of the picture (0 to 1 each way). */
export function tileAt(map: ErrorMap, x: number, y: number): Tile {
  const index = (share: number, tiles: number) => Math.min(tiles - 1, Math.max(0, Math.floor(share * tiles)));
  return tile(map, index(y, map.rows), index(x, map.columns));
}

/** The tiles with the largest errors, largest first. */
export function worstTiles(map: ErrorMap, count: number): Tile[] {
  return Array.from(map.values, (error, index) => ({ error, index }))
    .sort((a, b) => b.error - a.error)
    .slice(0, count)
    .map(({ index }) => tile(map, Math.floor(index / map.columns), index % map.columns));
}

function tile(map: ErrorMap, row: number, column: number): Tile {
  return {
    rows: span(row, map.rows, map.matrixRows),
    columns: span(column, map.columns, map.matrixColumns),
    error: map.values[row * map.columns + column] ?? 0,
  };
}

function span(index: number, tiles: number, total: number): [number, number] {
  const from = Math.ceil((index * total) / tiles);
  return [from, Math.max(from, Math.ceil(((index + 1) * total) / tiles) - 1)];
}
