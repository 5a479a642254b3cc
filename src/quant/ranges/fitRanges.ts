import type { Granularity, Range } from '../../core/scheme/SchemeSpec';
import type { Groups } from '../Groups';
import type { Quantizer } from '../Quantizer';
import type { RangeSource } from './RangeSource';
import { klDivergence } from './klDivergence';
import { minimizeCost } from './minimizeCost';
import { percentile } from './percentile';
import { minMax, scaled, type Ranges } from './Ranges';

/** A quantizer whose levels cover ranges that are found by the method asked for. */
export function fitRanges<Q extends Quantizer>(
  source: RangeSource,
  { granularity, range, symmetric }: { granularity: Granularity; range: Range; symmetric: boolean },
  build: (groups: Groups, ranges: Ranges) => Q,
): Q {
  const stats = source.stats(granularity);
  const { groups } = stats;
  const full = minMax(stats, symmetric);
  switch (range.method) {
    case 'minmax':
      return build(groups, full);
    case 'clip': {
      const shares = (share: number) => new Float64Array(groups.count).fill(share);
      const lower = symmetric ? range.upper : range.lower;
      return build(groups, scaled(full, shares(lower), shares(range.upper)));
    }
    case 'percentile':
      return build(groups, percentile(source, stats, symmetric, range.percent));
    case 'mse':
      return build(
        groups,
        minimizeCost(full, symmetric, (ranges) => source.noise(build(groups, ranges))),
      );
    case 'entropy': {
      const cost = klDivergence(source, stats, (ranges) => build(groups, ranges));
      return build(groups, minimizeCost(full, symmetric, cost));
    }
  }
}
