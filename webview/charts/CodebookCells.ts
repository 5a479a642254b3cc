import { Delaunay } from 'd3-delaunay';

/** The entries of a codebook of pairs, and the cells of the plane that they stand for: all points that are nearest to them. */
export class CodebookCells {
  readonly entries: number;
  private readonly delaunay: Delaunay<Float32Array>;

  /** @param codebook [entries][2] */
  constructor(private readonly codebook: Float32Array) {
    this.entries = codebook.length / 2;
    this.delaunay = new Delaunay(codebook);
  }

  entry(index: number): readonly [number, number] {
    return [this.codebook[2 * index]!, this.codebook[2 * index + 1]!];
  }

  /** The entry nearest to a point. */
  nearest(x: number, y: number, from = 0): number {
    return this.delaunay.find(x, y, from);
  }

  /** How many of the pairs each entry stands for. */
  count(pairs: Float32Array): Uint32Array {
    const counts = new Uint32Array(this.entries);
    let entry = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      entry = this.nearest(pairs[i]!, pairs[i + 1]!, entry);
      counts[entry]!++;
    }
    return counts;
  }

  /** The borders of all cells inside a square around the origin, as SVG writes paths. */
  borders(reach: number): string {
    return this.delaunay.voronoi([-reach, -reach, reach, reach]).render();
  }

  /** The border of one cell inside a square around the origin; empty where it lies outside. */
  border(index: number, reach: number): string {
    // An entry that stands in the same place as another has no cell.
    return this.delaunay.voronoi([-reach, -reach, reach, reach]).renderCell(index) ?? '';
  }
}
