/** Something that is written on a chart, in order of importance, beside the point that it names. */
export interface Labelled {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Half the width of its mark, in pixels. */
  readonly size: number;
}

export interface PlacedLabel extends Box {
  readonly text: string;
  /** Where the text begins, and its base line. */
  readonly textX: number;
  readonly textY: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of a line. */
const HEIGHT = 13;
/** Between a mark and its name. */
const SPACE = 3;

/**
 * Places for the names of points, so that none covers another, a point, or the edge: right of its point, or else left, above
 * or below it. Names that find no place are left out; the pointer tells them.
 * @param area what the names must stay inside
 * @param points what they must not cover
 * @param widthOf pixels that a name takes
 */
export function placeLabels(
  labels: readonly Labelled[],
  area: Box,
  points: readonly Omit<Labelled, 'text'>[],
  widthOf: (text: string) => number,
): readonly PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y, size }) => around(x, y, size));
  const placed: PlacedLabel[] = [];
  for (const { text, x, y, size } of labels) {
    const width = widthOf(text);
    const free = candidates(x, y, width, size + SPACE).find(
      (box) => inside(box, area) && !taken.some((other) => overlap(box, other)),
    );
    if (!free) continue;
    taken.push(free);
    placed.push({ ...free, text, textX: free.left, textY: free.bottom - 3 });
  }
  return placed;
}

function candidates(x: number, y: number, width: number, away: number): Box[] {
  const corners: [number, number][] = [
    [x + away, y - HEIGHT / 2],
    [x - away - width, y - HEIGHT / 2],
    [x - width / 2, y - away - HEIGHT],
    [x - width / 2, y + away],
    [x + SPACE, y - away - HEIGHT],
    [x + SPACE, y + away],
    [x - SPACE - width, y - away - HEIGHT],
    [x - SPACE - width, y + away],
  ];
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + HEIGHT }));
}

function around(x: number, y: number, size: number): Box {
  return { left: x - size, top: y - size, right: x + size, bottom: y + size };
}

function inside(box: Box, area: Box): boolean {
  return box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
