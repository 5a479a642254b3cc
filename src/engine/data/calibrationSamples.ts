/** The samples that activations are observed on: files, or random numbers where the user says so. */
import { dirname, resolve } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { toTensor } from '../runtime/RuntimeModel';
import type { Calibration } from '../../core/recipe/calibration';
import type { ValueSummary } from '../../core/model/model';
import { InputSamples } from './InputSamples';
import { Random } from './random';
import { findFiles } from './sampleFiles';
import { labelsOf } from './sampleLabels';
import { evenlySpaced } from './evenlySpaced';
import { syntheticFeed, type Shapes } from './syntheticInputs';
import type { Sample } from './Sample';

/** As many random samples as make ranges settle, and none that a comparison uses. */
const SYNTHETIC_SAMPLES = 16;
const SYNTHETIC_SEED = 1000;
const HELD_OUT_EVERY = 5;
/** Two models run on each. */
export const MAX_COMPARED = 64;

export interface SampleList {
  readonly count: number;
  /**
   * Reads all one after the other, or those of some places.
   * @throws UserError for a file that cannot be read or does not fit
   */
  read(places?: readonly number[]): Iterable<Sample>;
  /** One input of the sample at a place. @throws UserError as `read` */
  readInput(place: number, input: string): Tensor;
  /** The classes of samples that are labelled, by place; null if there are no labels. */
  readonly labels: readonly (number | null)[] | null;
  /** The files that some samples are read from, sample by sample; none of random numbers. */
  files(places: readonly number[]): string[];
  /** What else these samples follow from, as JSON has it. */
  options(places: readonly number[]): unknown;
}

export interface Samples {
  readonly kind: 'synthetic' | 'data';
  /** All together. */
  readonly all: SampleList;
  /** What activations are observed on. */
  readonly observed: SampleList;
  /** What the export is compared on: samples that were not observed; null where there are none. */
  readonly heldOut: SampleList | null;
  /** What the user should know of how they were found, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Finds the samples that a recipe names. Those at the same place of each input go together; every fifth is held out.
 * @param modelPath what relative paths are relative to
 * @param shapes of the inputs, for random numbers
 * @throws UserError if there are none, or an input has none
 */
export function calibrationSamples(
  calibration: Calibration,
  modelPath: string,
  inputs: readonly ValueSummary[],
  shapes: Shapes,
): Samples {
  if (calibration === 'synthetic') {
    const all = syntheticSamples(inputs, shapes);
    return { kind: 'synthetic', all, observed: all, heldOut: null, notes: [] };
  }
  const folder = dirname(resolve(modelPath));
  const found = findFiles(calibration, folder, inputs);
  const lists = inputs.map(
    (input) => new InputSamples(input, found.get(input.name)!.files, calibration.image),
  );
  const labels = labelsOf(lists[0]!, found.get(inputs[0]!.name)!.root, calibration, folder);
  const available = Math.min(...lists.map(({ count }) => count));
  const chosen = evenlySpaced(Math.min(calibration.samples, available), available);
  const every = Math.min(HELD_OUT_EVERY, Math.max(2, chosen.length));
  const isHeldOut = (_: number, i: number) => i % every === every - 1;
  const list = (indices: readonly number[]): SampleList => ({
    count: indices.length,
    labels: labels && indices.map((index) => labels[index]!),
    files: (places) => places.flatMap((place) => lists.map((each) => each.fileOf(indices[place]!))),
    options: (places) => ({
      inputs,
      image: calibration.image,
      rows: places.map((place) => lists.map((each) => each.rowOf(indices[place]!))),
    }),
    readInput: (place, name) => lists.find(({ input }) => input.name === name)!.read(indices[place]!),
    *read(places) {
      for (const index of places ? places.map((place) => indices[place]!) : indices)
        yield new Map(lists.map((each) => [each.input.name, each.read(index)]));
    },
  });
  const heldOut = chosen.filter(isHeldOut).slice(0, MAX_COMPARED);
  return {
    kind: 'data',
    all: list(chosen),
    observed: list(chosen.filter((index, i) => !isHeldOut(index, i))),
    heldOut: heldOut.length > 0 ? list(heldOut) : null,
    notes: unequalCounts(lists, available),
  };
}

function unequalCounts(lists: readonly InputSamples[], used: number): string[] {
  if (lists.every(({ count }) => count === used)) return [];
  const counts = lists.map(({ input, count }) => `${count} for "${input.name}"`).join(', ');
  return [
    `The inputs have unequal numbers of samples (${counts}); those beyond the first ${used} are left out.`,
  ];
}

function syntheticSamples(inputs: readonly ValueSummary[], shapes: Shapes): SampleList {
  return randomSamples(SYNTHETIC_SAMPLES, SYNTHETIC_SEED, inputs, shapes);
}

/** Random numbers in given shapes, the same each time. */
export function randomSamples(
  count: number,
  seed: number,
  inputs: readonly ValueSummary[],
  shapes: Shapes,
): SampleList {
  const sample = (place: number): Sample => {
    const random = new Random(seed + place);
    return new Map(
      inputs.map((input) => [input.name, toTensor(syntheticFeed(input, shapes[input.name]!, random))]),
    );
  };
  return {
    count,
    labels: null,
    files: () => [],
    options: (places) => ({ inputs, shapes, seeds: places.map((place) => seed + place) }),
    readInput: (place, input) => sample(place).get(input)!,
    *read(places = Array.from({ length: count }, (_, i) => i)) {
      for (const place of places) yield sample(place);
    },
  };
}
