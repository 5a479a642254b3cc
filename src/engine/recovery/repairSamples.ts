import type { SampleList } from '../data/calibrationSamples';
import { evenlySpaced } from '../data/evenlySpaced';
import { sampleSubset } from '../data/sampleSubset';

/** Of so many samples, one judges. */
const JUDGED_EVERY = 4;
/** More say no more, and each is run for every pass. */
const MAX_JUDGED = 16;
/** Repairs settle on so many, and take several runs of each, however much data there is. */
const MAX_FITTED = 128;

/** The samples of repairs. The ones that the finished export is compared on are in neither list. */
export interface RepairSamples {
  /** Repairs follow from these: their moments, ranges and means. */
  readonly fitted: SampleList;
  /** A repair is kept if it helps on these. */
  readonly judged: SampleList;
}

/**
 * Divides the samples that an export may observe.
 * @returns null if they are too few to be divided
 */
export function repairSamples(observed: SampleList): RepairSamples | null {
  const divided = divide(Array.from({ length: observed.count }, (_, i) => i));
  return (
    divided && {
      fitted: sampleSubset(observed, divided.fitted),
      judged: sampleSubset(observed, divided.judged),
    }
  );
}

/**
 * Divides samples into those that repairs follow from and those that judge them.
 * @param sampleIndices places in a list
 * @returns null if they are too few
 */
export function divide(
  sampleIndices: readonly number[],
): { readonly fitted: readonly number[]; readonly judged: readonly number[] } | null {
  const { length } = sampleIndices;
  if (length < 2) return null;
  const count = Math.min(MAX_JUDGED, Math.max(1, Math.floor(length / JUDGED_EVERY)));
  const judging = new Set(evenlySpaced(count, length));
  const others = sampleIndices.filter((_, i) => !judging.has(i));
  return {
    fitted: evenlySpaced(Math.min(MAX_FITTED, others.length), others.length).map((i) => others[i]!),
    judged: sampleIndices.filter((_, i) => judging.has(i)),
  };
}
