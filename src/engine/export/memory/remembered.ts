import type { Decibels } from '../../../core/measure/Decibels';
import { isRecord } from '../../../core/recipe/findProblems';
import { REPAIR_NAMES, type RepairPass } from '../../../core/recipe/repair';
import type { RepairReport } from '../../../core/report/report';
import type { PassResult } from '../../recovery/overlay/Overlay';
import type { Remembered } from '../../recovery/overlay/RepairMemory';
import type { Phase, Snapshot } from '../Phase';
import { stateDigest } from './stateDigest';

/** How the result of a pass is kept, and taken over again. */
export interface PassMemory {
  readonly pass: RepairPass;
  /** What the pass changed; null if that cannot be kept. */
  write(before: Snapshot, after: Snapshot): Pick<PassResult, 'weights' | 'numbers' | 'facts'> | null;
  /** The snapshot with what the pass changed; null if the result is not one for it. */
  read(before: Snapshot, result: PassResult): Snapshot | null;
}

/** A phase of repair that takes over what it computed of the same before, or what is saved beside the model. */
export function remembered(phase: Phase, { pass, write, read }: PassMemory): Phase {
  return async (snapshot, context) => {
    const { memory } = context;
    if (!memory) return phase(snapshot, context);
    const begins = stateDigest(snapshot, pass);
    const found = memory.find(pass, begins);
    const report = found && reportOf(pass, found);
    const taken = report && read(snapshot, found.result);
    if (taken) {
      memory.use(pass, found.result);
      return { ...taken, repairs: [...snapshot.repairs, report] };
    }
    const after = await phase(snapshot, context);
    const made = after.repairs.length > snapshot.repairs.length ? after.repairs.at(-1)! : null;
    const written = made && write(snapshot, after);
    if (!written) return after;
    const { facts, ...result } = written;
    memory.add(pass, { begins, ...result, facts: { report: made, own: facts } }, unfinished(pass));
    return memory.hasSaved ? { ...after, notes: [...after.notes, missing(pass)] } : after;
  };
}

/** The name of what is kept of a pass before it is through. */
export function unfinished(pass: RepairPass): string {
  return `${pass}-unfinished`;
}

function missing(pass: RepairPass): string {
  return `${REPAIR_NAMES[pass]}: the saved repairs have no result that fits, so that it was computed anew.`;
}

/** How a result was judged, without the remarks of a file that may be anybody's; null if that is damaged. */
function reportOf(pass: RepairPass, { result: { facts }, isSaved }: Remembered): RepairReport | null {
  const report = isRecord(facts) ? facts['report'] : null;
  if (!isRecord(report)) return null;
  const { changed, tried, before, after, kept, note } = report;
  if (typeof kept !== 'boolean' || !isCount(changed) || !isCount(tried)) return null;
  if (!isDecibels(before) || !isDecibels(after)) return null;
  const remark = typeof note === 'string' && !isSaved ? note : null;
  return { pass, changed, tried, before, after, kept, note: remark };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isDecibels(value: unknown): value is Decibels {
  return typeof value === 'number' || value === 'exact' || value === 'equal' || value === 'broken';
}
