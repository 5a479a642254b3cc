import { REPAIR_NAMES } from '../recipe/repair';
import { formatDb } from './format';
import type { ExportReport, RepairReport } from './report';

/** The outcome of one pass: its gain on calibration samples that it did not see, or why it is not in the export. */
export function repairText({ pass, changed, tried, before, after, kept, note }: RepairReport): string {
  const gain = `${formatDb(before)} → ${formatDb(after)}`;
  const outcome = kept
    ? `${gain}, ${changed} of ${tried} changed.`
    : `left out, as it does not help (${gain}).`;
  return `${REPAIR_NAMES[pass]}: ${outcome}${note === null ? '' : ` ${note}`}`;
}

/** The gain of all passes together; null where none is kept. */
export function repairSummary({ repairs }: Pick<ExportReport, 'repairs'>): string | null {
  const kept = repairs.filter((repair) => repair.kept);
  const [first, last] = [kept[0], kept.at(-1)];
  return first && last
    ? `Repaired: ${formatDb(first.before)} → ${formatDb(last.after)} at the worst output, on calibration samples that nothing was fitted to.`
    : null;
}
