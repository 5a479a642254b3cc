import { fileState } from '../io/fileStamp';
import type { SampleList } from './calibrationSamples';

/** Tells one state of some samples from another without reading them. @throws UserError if a file is gone */
export function sampleStamp(samples: SampleList, sampleIndices: readonly number[]): string {
  const stamps = samples.files(sampleIndices).map((file) => [file, fileState(file)]);
  return JSON.stringify([samples.options(sampleIndices), stamps]);
}
