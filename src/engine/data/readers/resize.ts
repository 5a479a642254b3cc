import { UserError } from '../../../base/UserError';
import type { Picture } from './readPicture';

/** Pixels of a result, or of what is between the two steps to it; more is a mistake, or meant to fill the memory. */
const MAX_PIXELS = 2 ** 25;

/** The rows or columns that one of the result is a weighted mean of. */
interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Another size, by linear interpolation between pixel centres; when shrinking, over as wide an area as a new pixel covers, so that nothing
 * is skipped (as Pillow's and torchvision's antialiased "bilinear").
 * @throws UserError if that takes too many pixels
 */
export function resize({ width, height, rgb }: Picture, rows: number, columns: number): Picture {
  if (rows === height && columns === width) return { width, height, rgb };
  if (columns * Math.max(rows, height) > MAX_PIXELS)
    throw new UserError(`A picture of ${width} by ${height} pixels cannot be made ${columns} by ${rows}.`);
  const [across, down] = [taps(width, columns), taps(height, rows)];
  const narrow = new Float32Array(height * columns * 3);
  for (let y = 0; y < height; y++)
    across.forEach(({ first, weights }, x) => {
      for (let c = 0; c < 3; c++)
        narrow[(y * columns + x) * 3 + c] = weights.reduce(
          (sum, weight, i) => sum + weight * rgb[(y * width + first + i) * 3 + c]!,
          0,
        );
    });
  const result = new Float32Array(rows * columns * 3);
  down.forEach(({ first, weights }, y) => {
    for (let i = 0; i < columns * 3; i++)
      result[y * columns * 3 + i] = weights.reduce(
        (sum, weight, j) => sum + weight * narrow[(first + j) * columns * 3 + i]!,
        0,
      );
  });
  return { width: columns, height: rows, rgb: result };
}

function taps(from: number, to: number): Tap[] {
  const ratio = from / to;
  const reach = Math.max(1, ratio);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const weights = Array.from({ length: Math.max(1, last - first) }, (__, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return {
      first: Math.min(first, from - 1),
      weights: sum > 0 ? weights.map((weight) => weight / sum) : [1],
    };
  });
}
