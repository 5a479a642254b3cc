/** The samples that activations are observed on: files, or random numbers where the user says so. */
import { dirname, resolve } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { toTensor } from '../runtime/RuntimeModel';
import type { Calibration } from '../../core/recipe/calibration';
import { quoted } from '../../base/quoted';
import type { ValueSummary } from '../../core/model/model';
import { batchAxes, batchText } from './batchAxes';
import { arrayShapes, InputSamples } from './InputSamples';
import { Random } from './random';
import { findFiles, type FoundFiles } from './sampleFiles';
import { labelsOf } from './sampleLabels';
import { evenlySpaced } from './evenlySpaced';
import { syntheticFeed, type Shapes } from './syntheticInputs';
import type { Sample } from './Sample';

/** As many random samples as make ranges settle, and none that a comparison uses. */
const SYNTHETIC_SAMPLES = 16;
const SYNTHETIC_SEED = 1000;
/** Of so many samples one is held out. */
const HELD_OUT_EVERY = 5;
/** Two models run on each. */
export const MAX_COMPARED = 64;

export interface SampleList {
  readonly count: number;
  /**
   * Reads all samples one after the other, or some of them.
   * @param sampleIndices from 0 to `count` - 1
   * @throws UserError for a file that cannot be read or does not fit
   */
  read(sampleIndices?: readonly number[]): Iterable<Sample>;
  /** Reads one input of a sample. @throws UserError as `read` */
  readInput(sampleIndex: number, input: string): Tensor;
  /** The class of each sample, null for one without label; null if there are no labels. */
  readonly labels: readonly (number | null)[] | null;
  /** The files that samples are read from, sample by sample; none of random numbers. */
  files(sampleIndices: readonly number[]): string[];
  /** All that these samples depend on beside the files, as JSON has it. */
  options(sampleIndices: readonly number[]): unknown;
}

export interface Samples {
  readonly kind: 'synthetic' | 'data';
  /** All together. */
  readonly all: SampleList;
  /** Those that activations are observed on. */
  readonly observed: SampleList;
  /** Those that the export is compared on, which are not observed; null where there are none. */
  readonly heldOut: SampleList | null;
  /** Tells which arrays are cut into samples, and along which axis; null where none has more than one row. */
  readonly batch: string | null;
  /** Remarks on how they were found, in sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Finds the samples that a recipe names. Those of the same index go together, input by input; every fifth is held out.
 * @param modelPath what relative paths are relative to
 * @param syntheticShapes of the inputs, for random numbers
 * @throws UserError if there are none, or an input has none
 */
export function calibrationSamples(
  calibration: Calibration,
  modelPath: string,
  inputs: readonly ValueSummary[],
  syntheticShapes: Shapes,
): Samples {
  if (calibration === 'synthetic') {
    const all = syntheticSamples(inputs, syntheticShapes);
    return { kind: 'synthetic', all, observed: all, heldOut: null, batch: null, notes: [] };
  }
  const folder = dirname(resolve(modelPath));
  const found = findFiles(calibration, folder, inputs);
  const shapes = new Map(
    inputs.map((input) => [input.name, arrayShapes(found.get(input.name)!.files, input)] as const),
  );
  const axes = batchAxes(inputs, shapes);
  const { image } = calibration;
  const lists = inputs.map((input) => {
    const { name } = input;
    const { files } = found.get(name)!;
    return new InputSamples({ input, files, image, shapes: shapes.get(name)!, axis: axes.get(name)! });
  });
  const labels = labelsOf(lists[0]!, found.get(inputs[0]!.name)!.root, calibration, folder);
  const available = Math.min(...lists.map(({ count }) => count));
  const chosen = evenlySpaced(Math.min(calibration.samples, available), available);
  const every = Math.min(HELD_OUT_EVERY, Math.max(2, chosen.length));
  const isHeldOut = (_: number, i: number) => i % every === every - 1;
  const list = (indices: readonly number[]): SampleList => ({
    count: indices.length,
    labels: labels && indices.map((index) => labels[index]!),
    files: (sampleIndices) => sampleIndices.flatMap((i) => lists.map((each) => each.fileOf(indices[i]!))),
    options: (sampleIndices) => ({
      inputs,
      image,
      axes: [...axes.values()],
      rows: sampleIndices.map((i) => lists.map((each) => each.rowOf(indices[i]!))),
    }),
    readInput: (i, name) => lists.find(({ input }) => input.name === name)!.read(indices[i]!),
    *read(sampleIndices) {
      for (const index of sampleIndices ? sampleIndices.map((i) => indices[i]!) : indices)
        yield new Map(lists.map((each) => [each.input.name, each.read(index)]));
    },
  });
  const heldOut = chosen.filter(isHeldOut).slice(0, MAX_COMPARED);
  return {
    kind: 'data',
    all: list(chosen),
    observed: list(chosen.filter((index, i) => !isHeldOut(index, i))),
    heldOut: heldOut.length > 0 ? list(heldOut) : null,
    batch: batchText(inputs, axes, shapes),
    notes: [...unreadableFolders(found), ...unequalCounts(lists, available)],
  };
}

function unreadableFolders(found: ReadonlyMap<string, FoundFiles>): string[] {
  const folders = [...new Set([...found.values()].flatMap(({ unreadable }) => unreadable))];
  if (folders.length === 0) return [];
  const more = folders.length > 1 ? ` and ${folders.length - 1} more` : '';
  return [`Left out, as it may not be read: the folder ${quoted(folders[0]!)}${more}.`];
}

function unequalCounts(lists: readonly InputSamples[], used: number): string[] {
  if (lists.every(({ count }) => count === used)) return [];
  const counts = lists.map(({ input, count }) => `${count} for ${quoted(input.name)}`).join(', ');
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
  const sample = (index: number): Sample => {
    const random = new Random(seed + index);
    return new Map(
      inputs.map((input) => [input.name, toTensor(syntheticFeed(input, shapes[input.name]!, random))]),
    );
  };
  return {
    count,
    labels: null,
    files: () => [],
    options: (sampleIndices) => ({ inputs, shapes, seeds: sampleIndices.map((i) => seed + i) }),
    readInput: (i, input) => sample(i).get(input)!,
    *read(sampleIndices = [...Array(count).keys()]) {
      for (const i of sampleIndices) yield sample(i);
    },
  };
}
