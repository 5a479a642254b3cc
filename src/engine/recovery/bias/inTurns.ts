import type { Sample } from '../../data/Sample';
import type { RepairSamples } from '../repairSamples';

/** The samples of repairs in one row, those that judge evenly among those that fit: where some are given up, both kinds are. */
export function inTurns({ fitted, judged }: RepairSamples): {
  readonly read: () => Iterable<Sample>;
  /** By place. */
  readonly judges: readonly boolean[];
} {
  const count = fitted.count + judged.count;
  const share = (i: number) => Math.floor((i * judged.count) / count);
  const judges = Array.from({ length: count }, (_, i) => share(i + 1) > share(i));
  return { read, judges };

  function* read(): Generator<Sample> {
    const lists = { fitted: fitted.read()[Symbol.iterator](), judged: judged.read()[Symbol.iterator]() };
    for (const isJudged of judges) {
      const next = (isJudged ? lists.judged : lists.fitted).next();
      if (!next.done) yield next.value;
    }
  }
}
