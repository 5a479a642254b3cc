import type { BakeOffEntry } from '../../src/shared/engineApi';
import { specOf, type SchemeId } from '../../src/shared/scheme';
import type { Family } from '../../src/shared/SchemeSpec';

/** Kinds of schemes that have a mark of their own. */
export type Mark = 'integer' | 'float' | 'power' | 'codebook' | 'binary';

export const MARKS: readonly { readonly mark: Mark; readonly label: string }[] = [
  { mark: 'integer', label: 'integers' },
  { mark: 'float', label: 'floats' },
  { mark: 'power', label: 'powers of two' },
  { mark: 'codebook', label: 'codebooks' },
  { mark: 'binary', label: 'binary, ternary' },
];

const MARK_OF: Readonly<Record<Exclude<Family, 'float'>, Mark>> = {
  affine: 'integer',
  dorefa: 'integer',
  minifloat: 'float',
  half: 'float',
  mx: 'float',
  nf4: 'float',
  log: 'power',
  apot: 'power',
  codebook: 'codebook',
  vector: 'codebook',
  binary: 'binary',
  ternary: 'binary',
};

/** One scheme in the picture. */
export interface BakeOffPoint {
  readonly scheme: SchemeId;
  readonly mark: Mark;
  readonly bits: number;
  /** Infinity if there is no error at all. */
  readonly sqnrDb: number;
  /** Whether no other scheme has as little error with as few bits. */
  readonly best: boolean;
}

/**
 * The schemes' points, ascending by bits.
 * @param entropyCoded count the bits that a perfect entropy coder would need, rather than those of the file
 * @param most bits that are shown
 */
export function bakeOffPoints(
  entries: readonly BakeOffEntry[],
  entropyCoded: boolean,
  most: number,
): readonly BakeOffPoint[] {
  const points = entries
    .map(({ scheme, error }) => ({
      scheme,
      mark: markOf(scheme),
      bits: entropyCoded ? error.entropyBits : error.bitsPerWeight,
      sqnrDb: error.sqnrDb ?? Infinity,
    }))
    .filter(({ bits }) => bits <= most)
    .sort((a, b) => a.bits - b.bits || b.sqnrDb - a.sqnrDb);
  let least = -Infinity;
  return points.map((point) => {
    const best = point.sqnrDb > least;
    least = Math.max(least, point.sqnrDb);
    return { ...point, best };
  });
}

function markOf(scheme: SchemeId): Mark {
  const { family } = specOf(scheme);
  if (family === 'float') throw new Error('Float weights have no error to compare.');
  return MARK_OF[family];
}
