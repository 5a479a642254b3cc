import type { SampleList } from './calibrationSamples';

/** Some of a list's samples, in this order. */
export function sampleSubset(list: SampleList, sampleIndices: readonly number[]): SampleList {
  const original = (wanted: readonly number[]) => wanted.map((i) => sampleIndices[i]!);
  return {
    count: sampleIndices.length,
    labels: list.labels && sampleIndices.map((i) => list.labels![i]!),
    read: (wanted) => list.read(wanted ? original(wanted) : sampleIndices),
    readInput: (i, input) => list.readInput(sampleIndices[i]!, input),
    files: (wanted) => list.files(original(wanted)),
    options: (wanted) => list.options(original(wanted)),
  };
}
