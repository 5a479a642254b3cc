import { statSync } from 'node:fs';
import type { SampleList } from './calibrationSamples';

/** Tells one state of some samples from another without reading them, as long as clocks and sizes are honest. */
export function sampleStamp(samples: SampleList, sampleIndices: readonly number[]): string {
  const stamps = samples.files(sampleIndices).map((file) => {
    const { size, mtimeMs } = statSync(file);
    return [file, size, mtimeMs];
  });
  return JSON.stringify([samples.options(sampleIndices), stamps]);
}
