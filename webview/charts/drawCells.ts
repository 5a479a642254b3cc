import { Delaunay } from 'd3-delaunay';

/** Entries that are drawn large. */
const MANY = 64;

/** What a plane of weight pairs shows, in pixels. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** From a weight to a pixel. */
  readonly x: (weight: number) => number;
  readonly y: (weight: number) => number;
}

export interface PlaneColours {
  readonly pairs: string;
  readonly cells: string;
  readonly entries: string;
}

/**
 * A scatter of weight pairs, the codebook's entries, and around each the pairs that it stands for: its Voronoi cell (Linde, Buzo, Gray 1980,
 * section II, nearest-neighbour condition).
 * @param pairs [n][2]
 * @param codebook [entries][2]
 */
export function drawCells(
  context: CanvasRenderingContext2D,
  { width, height, x, y }: Plane,
  pairs: Float32Array,
  codebook: Float32Array,
  colours: PlaneColours,
): void {
  context.fillStyle = colours.pairs;
  context.globalAlpha = 0.45;
  for (let i = 0; i < pairs.length; i += 2) context.fillRect(x(pairs[i]!) - 1, y(pairs[i + 1]!) - 1, 2, 2);
  const points = Float64Array.from(codebook, (weight, i) => (i % 2 === 0 ? x(weight) : y(weight)));
  context.globalAlpha = 0.8;
  context.strokeStyle = colours.cells;
  context.lineWidth = 1;
  context.beginPath();
  new Delaunay(points).voronoi([0, 0, width, height]).render(context);
  context.stroke();
  context.globalAlpha = 1;
  context.fillStyle = colours.entries;
  const radius = codebook.length > MANY * 2 ? 1.7 : 2.5;
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc(points[i]!, points[i + 1]!, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
