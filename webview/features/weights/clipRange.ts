import type { LayerView } from '../../../src/core/measure/layerView';
import { specOf, type SchemeId } from '../../../src/core/scheme/scheme';
import { MINMAX, type SchemeSpec } from '../../../src/core/scheme/SchemeSpec';
import { formatScheme } from '../../../src/core/scheme/schemeSyntax';

export type Clip = NonNullable<LayerView['clip']>;
export type Side = 'lower' | 'upper';
type Ranged = Extract<SchemeSpec, { range: unknown }>;

/** Marks stay this far apart from zero, as a share of the least or greatest weight. */
export const MIN_SHARE = 0.01;

/** Whether a scheme's range has a lower and an upper end of its own, rather than one magnitude for both. */
function hasTwoEnds(spec: Ranged): boolean {
  return spec.family === 'affine' && !spec.symmetric;
}

/**
 * Where the ends of a scheme's range are, as shares of the least and greatest weight: what the scheme itself says, else what
 * its levels came to.
 */
export function clipShares(scheme: SchemeId, clip: Clip): Record<Side, number> {
  const spec = specOf(scheme);
  if ('range' in spec && spec.range.method === 'clip') {
    const { lower, upper } = spec.range;
    return { lower: hasTwoEnds(spec) ? lower : upper, upper };
  }
  // Levels need not end where the range does: of a grid from the signed maximum, one end is a step short.
  if ('range' in spec && spec.range.method === 'minmax') return { lower: 1, upper: 1 };
  return { lower: shareOf(clip.lower, clip.least), upper: shareOf(clip.upper, clip.greatest) };
}

/** The weight that a share stands for. */
export function clipValue(side: Side, share: number, { least, greatest }: Clip): number {
  return share * (side === 'lower' ? least : greatest);
}

/**
 * The scheme with one end of its range at a weight, as far as that makes sense: between zero and the outermost weight. The
 * other end stays, or goes along where the range is symmetric. With both ends at the outermost weights nothing is clipped.
 */
export function withClip(scheme: SchemeId, clip: Clip, side: Side, value: number): SchemeId {
  const spec = specOf(scheme);
  if (!('range' in spec)) return scheme;
  const share = rounded(value / (side === 'lower' ? clip.least : clip.greatest));
  const before = clipShares(scheme, clip);
  const other = rounded(before[side === 'lower' ? 'upper' : 'lower']);
  const [lower, upper] = !hasTwoEnds(spec)
    ? [share, share]
    : side === 'lower'
      ? [share, other]
      : [other, share];
  const range = lower === 1 && upper === 1 ? MINMAX : ({ method: 'clip', lower, upper } as const);
  return formatScheme({ ...spec, range });
}

/** An end at zero is where it has to be. */
function shareOf(value: number, outermost: number): number {
  return outermost === 0 ? 1 : value / outermost;
}

/** A thousandth is less than a pixel. */
function rounded(share: number): number {
  return Number(Math.min(1, Math.max(MIN_SHARE, share)).toFixed(3));
}
