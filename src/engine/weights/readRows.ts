import { readRuns } from '../io/FileRange';
import { ELEMENT_BYTES, weightCount, type Weight } from './Weight';

/** A weight, or its rows that are read at once, takes so much memory. */
const PANEL_BYTES = 2 ** 25;

/** Some rows (output channels) of a weight, in the order of its tensor: [outer][rows][inner]. */
export interface Panel {
  /** Index of the first row. */
  readonly row: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads a weight's rows, many at a time: where channels are columns of the tensor, each row is spread over all of it.
 * @param row index of the first
 * @param rows how many are needed
 * @param before what was read last, which may hold them
 * @throws UserError if they cannot be read
 */
export function readRows(weight: Weight, row: number, rows: number, before: Panel | null): Panel {
  const { layout, content, elementType } = weight;
  const { outer, channels, inner } = layout;
  if (before && before.row <= row && row + rows <= before.row + before.rows) return before;
  if (content instanceof Uint8Array) return { row: 0, rows: channels, bytes: content };
  const size = inner * ELEMENT_BYTES[elementType];
  const whole = weightCount(weight) * ELEMENT_BYTES[elementType] <= PANEL_BYTES;
  const first = whole ? 0 : row;
  const many = whole ? channels : Math.max(rows, Math.floor(PANEL_BYTES / (outer * size)));
  const taken = Math.min(many, channels - first);
  const bytes = readRuns(content, {
    from: first * size,
    length: taken * size,
    stride: channels * size,
    count: outer,
  });
  return { row: first, rows: taken, bytes };
}
