/** Where a text stands beside its point, in pixels. */
export interface PlacedLabel {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Rough, but nothing has to be measured; labels are short. */
const CHARACTER = 6.2;
const LINE = 12;
const GAP = 7;
/** Half the size of a point. */
const POINT = 5;

/**
 * Labels for as many points as have room for one, the first of the list first: to the right of the point or to its left, a bit above or
 * below, never over another label or point.
 * @param area within which labels have to lie
 */
export function placeLabels(
  wanted: readonly Labelled[],
  points: readonly { readonly x: number; readonly y: number }[],
  area: { readonly width: number; readonly height: number },
): PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => box(x - POINT, y - POINT, 2 * POINT, 2 * POINT));
  const placed: PlacedLabel[] = [];
  wanted.forEach(({ x, y, text }, index) => {
    const width = text.length * CHARACTER;
    for (const down of [4, -6, 14])
      for (const anchor of ['start', 'end'] as const) {
        const at = { index, x: anchor === 'start' ? x + GAP : x - GAP, y: y + down, anchor };
        const space = box(anchor === 'start' ? at.x : at.x - width, at.y - LINE + 2, width, LINE);
        const inside =
          space.left >= 0 && space.right <= area.width && space.top >= 0 && space.bottom <= area.height;
        if (!inside || taken.some((other) => overlap(space, other))) continue;
        taken.push(space);
        placed.push(at);
        return;
      }
  });
  return placed;
}

function box(left: number, top: number, width: number, height: number): Box {
  return { left, right: left + width, top, bottom: top + height };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
