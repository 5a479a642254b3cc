/** The samples that activations are observed on: files, or random numbers where the user says so. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { pictureTensor } from '../calibration/pictureTensor';
import { readNpy, type DataTensor } from '../calibration/readNpy';
import { readNpz } from '../calibration/readNpz';
import { readPicture } from '../calibration/readPicture';
import { readTensorProto } from '../calibration/readTensorProto';
import { toTensor, type Feed } from '../runtime/RuntimeModel';
import type { Calibration, CalibrationData } from '../shared/calibration';
import { formatBytes, formatShape } from '../shared/format';
import type { ValueSummary } from '../shared/model';
import { UserError } from '../shared/UserError';
import type { Sample } from './observeActivations';
import { Random } from './random';
import { ARCHIVE, findFiles, labelsOf, PICTURES } from './sampleFiles';
import { spread } from './spread';
import { syntheticFeed, type Shapes } from './syntheticInputs';

/** A sample beyond this is no sample. */
const LARGEST_FILE = 2 ** 30;
/** As many random samples as make ranges settle, and none that a comparison uses. */
const SYNTHETIC_SAMPLES = 16;
const SYNTHETIC_SEED = 1000;
const HELD_OUT_EVERY = 5;
/** Two models run on each. */
const MOST_HELD_OUT = 64;

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
  /** The files that some samples are read from, each once; none of random numbers. */
  files(places: readonly number[]): string[];
}

export interface Samples {
  readonly kind: 'synthetic' | 'data';
  /** All together. */
  readonly all: SampleList;
  /** What activations are observed on. */
  readonly observed: SampleList;
  /** What the export is compared on: files that were not observed; null where there are none. */
  readonly heldOut: SampleList | null;
}

/**
 * Finds the samples that a recipe names. Of files, every fifth is held out.
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
    return { kind: 'synthetic', all, observed: all, heldOut: null };
  }
  const folder = dirname(resolve(modelPath));
  const files = findFiles(calibration, folder, inputs);
  const labels = labelsOf(files.get(inputs[0]!.name)!, calibration, folder);
  const available = Math.min(...[...files.values()].map((list) => list.length));
  const count = Math.min(calibration.samples, available);
  const chosen = spread(count, available);
  const isHeldOut = (_: number, i: number) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const readInput = (input: ValueSummary, index: number) =>
    toTensor(readFeed(files.get(input.name)![index]!, input, calibration));
  const list = (indices: readonly number[]): SampleList => ({
    count: indices.length,
    labels: labels && indices.map((index) => labels[index]!),
    files: (places) =>
      places.flatMap((place) => inputs.map(({ name }) => files.get(name)![indices[place]!]!)),
    readInput: (place, name) =>
      readInput(
        inputs.find((input) => input.name === name)!,
        indices[place]!,
      ),
    *read(places) {
      for (const index of places ? places.map((place) => indices[place]!) : indices)
        yield new Map(inputs.map((input) => [input.name, readInput(input, index)]));
    },
  });
  const heldOut = chosen.filter(isHeldOut).slice(0, MOST_HELD_OUT);
  return {
    kind: 'data',
    all: list(chosen),
    observed: list(chosen.filter((index, i) => !isHeldOut(index, i))),
    heldOut: heldOut.length > 0 ? list(heldOut) : null,
  };
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
    readInput: (place, input) => sample(place).get(input)!,
    *read(places = Array.from({ length: count }, (_, i) => i)) {
      for (const place of places) yield sample(place);
    },
  };
}

function readFeed(file: string, input: ValueSummary, { image }: CalibrationData): Feed {
  const name = basename(file);
  const { size } = statSync(file);
  if (size > LARGEST_FILE) throw new UserError(`${name} is no sample: it has ${formatBytes(size)}.`);
  const bytes = readFileSync(file);
  const extension = extname(file).toLowerCase();
  const tensor = PICTURES.includes(extension)
    ? pictureTensor(readPicture(bytes, name), input, image)
    : fitted(readTensor(bytes, extension, input, name), input, name);
  return { type: input.elementType, ...tensor };
}

function readTensor(bytes: Uint8Array, extension: string, input: ValueSummary, name: string): DataTensor {
  if (extension === ARCHIVE) return readNpz(bytes, input.name, name);
  return extension === '.pb' ? readTensorProto(bytes, name) : readNpy(bytes, name);
}

/** A tensor in the shape of the input; one without the batch's dimension gets it. */
function fitted(tensor: DataTensor, input: ValueSummary, file: string): DataTensor {
  const { shape } = input;
  const fits = (sizes: readonly number[]) =>
    !shape ||
    (sizes.length === shape.length &&
      shape.every((size, i) => typeof size !== 'number' || size === sizes[i]));
  for (const sizes of [tensor.shape, [1, ...tensor.shape]])
    if (fits(sizes)) return { ...tensor, shape: sizes };
  throw new UserError(
    `${file} has the shape ${formatShape(tensor.shape)}, which does not fit the input "${input.name}", ${formatShape(shape)}.`,
  );
}
