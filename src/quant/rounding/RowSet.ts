import { UserError } from '../../base/UserError';

/**
 * Rows of a weight matrix that read the same inputs: weight `i` of row `r` stands at `r * cols + offset + i * stride`, for r from `first` on and i from 0 to the inputs of a group.
 */
export interface RowSet {
  /** Of the moments. */
  readonly group: number;
  readonly first: number;
  readonly rows: number;
  readonly offset: number;
  readonly stride: number;
  /** Index of each row among all outputs, in the order of `meanSquares`: `output + r * outputStride`, r from 0 on. */
  readonly output: number;
  readonly outputStride: number;
}

export interface InputShape {
  readonly groups: number;
  /** Inputs of one output. */
  readonly perGroup: number;
}

/**
 * Returns the rows of a weight that share their inputs: those of each group and, of a transposed convolution, of each tap of its kernel.
 * @param rows output channels
 * @param cols weights of a channel
 * @param taps matrices in the weight, see `tapRows`; null if it is one for each group
 * @throws UserError if the sizes do not fit each other
 */
export function rowSets(
  rows: number,
  cols: number,
  { groups, perGroup }: InputShape,
  taps: number | null,
): RowSet[] {
  const fits = taps === null ? cols === perGroup && rows % groups === 0 : cols === groups * perGroup * taps;
  if (!fits)
    throw new UserError(
      `A weight of ${rows} x ${cols} does not fit inputs of ${groups} groups of ${perGroup}.`,
    );
  const each = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, i) => make(i));
  const share = rows / groups;
  if (taps === null)
    return each(groups, (group) => {
      const first = group * share;
      return { group, first, rows: share, offset: 0, stride: 1, output: first, outputStride: 1 };
    });
  return each(groups, (group) =>
    each(taps, (tap) => ({
      ...{ group, first: 0, rows, offset: group * perGroup * taps + tap, stride: taps },
      ...{ output: group * rows * taps + tap, outputStride: taps },
    })),
  ).flat();
}
