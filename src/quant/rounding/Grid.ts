import { midpoints } from '../codebook/midpoints';
import type { Groups } from '../Groups';
import type { Quantizer, VectorQuantizer } from '../Quantizer';
import { kindOf } from '../quantizers';

/** The values that single weights can take, group by group: a number of few times a scale. */
export type Grid = StepGrid | TableGrid;

interface Common {
  readonly groups: Groups;
  /** One per group. */
  readonly scales: Float32Array;
}

/** Whole numbers, evenly spaced. */
export interface StepGrid extends Common {
  readonly kind: 'steps';
  /** The least and greatest number of each group: codes less the zero point. */
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
}

/** Numbers from a table. */
export interface TableGrid extends Common {
  readonly kind: 'table';
  /** [tables][count], ascending: one table for all groups or one for each. */
  readonly levels: Float32Array;
  /** [tables][count]: where the next level begins to be nearer, Infinity behind the last of a table. */
  readonly thresholds: Float32Array;
  readonly count: number;
}

/** A quantizer of single weights whose levels stay when the weights move. */
export type ScalarQuantizer = Exclude<Quantizer, VectorQuantizer>;

/**
 * Says why a quantizer's codes follow from the weights alone, as the end of a sentence; null if they can be chosen for the output's sake.
 */
export function roundingProblem(quantizer: Quantizer): string | null {
  if (quantizer.kind === 'binary' && quantizer.seed !== null) return 'its signs are drawn at random';
  if (quantizer.kind === 'table' && !keepsLevels(quantizer))
    return 'its levels do not stay where they are when they are quantized again';
  return null;
}

/** Returns the levels of a quantizer for which there is no `roundingProblem`, as the loops of rounding read them. */
export function gridOf(quantizer: ScalarQuantizer): Grid {
  const { groups } = quantizer;
  switch (quantizer.kind) {
    case 'affine': {
      const { qmin, qmax, scales, zeroPoints } = quantizer;
      const less = (code: number) => scales.map((_, group) => code - (zeroPoints?.[group] ?? 0));
      return { kind: 'steps', groups, scales, lowest: less(qmin), highest: less(qmax) };
    }
    case 'log': {
      const scales = Float32Array.from(quantizer.exponents, (exponent) => 2 ** exponent);
      return table(groups, scales, unscaledLevels({ ...quantizer, exponents: Int32Array.of(0) }));
    }
    case 'binary':
      return table(groups, quantizer.scales, Float32Array.of(-1, 1));
    case 'float':
      return table(groups, quantizer.scales, unscaledLevels({ ...quantizer, scales: Float32Array.of(1) }));
    case 'table': {
      const { entries, scales, count, fitted } = quantizer;
      // Tables that differ in nothing but their thresholds are one.
      const levels = fitted === 'scales' ? entries.subarray(0, count) : entries;
      return table(groups, scales, levels, count);
    }
  }
}

function unscaledLevels(quantizer: ScalarQuantizer): Float32Array {
  return kindOf(quantizer).levels(quantizer, 0);
}

function table(groups: Groups, scales: Float32Array, levels: Float32Array, count = levels.length): TableGrid {
  const thresholds = new Float32Array(levels.length);
  for (let at = 0; at < levels.length; at += count)
    thresholds.set(midpoints(levels.subarray(at, at + count)), at);
  return { kind: 'table', groups, scales, levels, thresholds, count };
}

/** Whether each level lies in its own interval. */
function keepsLevels({ entries, thresholds, count }: Extract<Quantizer, { kind: 'table' }>): boolean {
  return entries.every((entry, i) => {
    const first = i % count === 0;
    const last = i % count === count - 1;
    // Of equal levels any may stand for the others.
    const above = last || entry < thresholds[i]! || entry === entries[i + 1];
    return above && (first || entry >= thresholds[i - 1]!);
  });
}
