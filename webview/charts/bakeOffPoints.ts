import type { WeightError } from '../../src/core/measure/errors';
import { codeBits } from '../../src/core/scheme/schemeOptions';
import { specOf, type SchemeId } from '../../src/core/scheme/scheme';

/** A scheme as a point of the plane: what it costs and how well it keeps the weights. */
export interface BakeOffPoint {
  readonly scheme: SchemeId;
  readonly error: WeightError;
  /** Bits per weight, as stored or as an entropy coder would store them. */
  readonly bits: number;
  readonly sqnrDb: number;
  /** No other scheme is both smaller and better. */
  readonly best: boolean;
}

/** Schemes of more bits than this are seldom the question, and squeeze all others. */
const USUAL_BITS = 9;

export interface PointOptions {
  readonly entropyCoded: boolean;
  /** Also those of 16 bits. */
  readonly allBits: boolean;
}

/** The schemes that can be drawn, from the cheapest to the dearest. One without any error has no place on a logarithmic axis. */
export function bakeOffPoints(
  errors: ReadonlyMap<SchemeId, WeightError>,
  { entropyCoded, allBits }: PointOptions,
): readonly BakeOffPoint[] {
  const points = [...errors]
    .filter(([scheme]) => allBits || codeBits(specOf(scheme)) <= USUAL_BITS)
    .flatMap(([scheme, error]) => {
      const bits = entropyCoded ? error.entropyBits : error.bitsPerWeight;
      return typeof error.sqnrDb === 'number' ? [{ scheme, error, bits, sqnrDb: error.sqnrDb }] : [];
    })
    .sort((a, b) => a.bits - b.bits || b.sqnrDb - a.sqnrDb);
  let best = -Infinity;
  return points.map((point) => {
    const leads = point.sqnrDb > best;
    best = Math.max(best, point.sqnrDb);
    return { ...point, best: leads };
  });
}

/** Ends of the axes: as far as schemes usually reach, so that one that is far off does not squeeze all others. */
const RATE_ENDS = { usual: 9.5, all: 18 } as const;
const MIN_DB = -6;
const MIN_SPAN_DB = 20;

export interface Frame {
  readonly bits: readonly [number, number];
  readonly sqnrDb: readonly [number, number];
}

export function frameOf(points: readonly BakeOffPoint[], { allBits }: PointOptions): Frame {
  const end = allBits ? RATE_ENDS.all : RATE_ENDS.usual;
  const heights = points.filter(({ bits }) => bits <= end).map(({ sqnrDb }) => sqnrDb);
  const least = Math.max(MIN_DB, Math.min(0, ...heights) - 2);
  const most = Math.max(least + MIN_SPAN_DB, ...heights) + 3;
  return { bits: [0, end], sqnrDb: [least, most] };
}
