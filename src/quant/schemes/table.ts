import type { Groups } from '../Groups';
import type { TableQuantizer } from '../Quantizer';
import type { Ranges } from '../ranges/Ranges';
import { usableScale } from '../scales';
import { midpoints } from '../codebook/midpoints';

/** Known levels between -1 and 1, stretched so that the outermost one ends each group's range. */
export function scaledTable(
  bits: number,
  entries: Float32Array,
  groups: Groups,
  { upper }: Ranges,
): TableQuantizer {
  const scales = Float32Array.from(upper, (magnitude) => usableScale(magnitude, 1));
  return {
    kind: 'table',
    groups,
    bits,
    entries,
    thresholds: midpoints(entries),
    count: entries.length,
    scales,
    fitted: 'scales',
  };
}
