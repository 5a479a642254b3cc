/** The samples that activations are observed on: files, or random numbers where the user says so. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { pictureTensor } from '../calibration/pictureTensor';
import { readNpy, type DataTensor } from '../calibration/readNpy';
import { readPicture } from '../calibration/readPicture';
import { toTensor, type Feed } from '../runtime/RuntimeModel';
import type { Calibration, CalibrationData } from '../shared/calibration';
import { formatBytes, formatShape } from '../shared/format';
import type { ValueSummary } from '../shared/model';
import { UserError } from '../shared/UserError';
import type { Sample } from './observeActivations';
import { Random } from './random';
import { syntheticFeed, type Shapes } from './syntheticInputs';

const PICTURES = ['.png', '.jpg', '.jpeg'];
const EXTENSIONS = [...PICTURES, '.npy'];
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
  const files = findFiles(calibration, dirname(resolve(modelPath)), inputs);
  const available = Math.min(...[...files.values()].map((list) => list.length));
  const count = Math.min(calibration.samples, available);
  // Evenly over all files, as neighbours are often alike.
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * available) / count));
  const isHeldOut = (_: number, i: number) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const list = (indices: readonly number[]): SampleList => ({
    count: indices.length,
    files: (places) =>
      places.flatMap((place) => inputs.map(({ name }) => files.get(name)![indices[place]!]!)),
    *read(places) {
      for (const index of places ? places.map((place) => indices[place]!) : indices)
        yield new Map(
          inputs.map((input) => {
            const file = files.get(input.name)![index]!;
            return [input.name, toTensor(readFeed(file, input, calibration))];
          }),
        );
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
  return {
    count: SYNTHETIC_SAMPLES,
    files: () => [],
    *read(places = Array.from({ length: SYNTHETIC_SAMPLES }, (_, i) => i)) {
      for (const i of places) {
        const random = new Random(SYNTHETIC_SEED + i);
        yield new Map(
          inputs.map((input) => [input.name, toTensor(syntheticFeed(input, shapes[input.name]!, random))]),
        );
      }
    },
  };
}

function findFiles(
  { data }: CalibrationData,
  folder: string,
  inputs: readonly ValueSummary[],
): Map<string, string[]> {
  const patterns = new Map(typeof data === 'string' ? [[inputs[0]!.name, data]] : Object.entries(data));
  const unknown = [...patterns.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new UserError(`Calibration data is given for "${unknown}", but the model has no such input.`);
  const missing = inputs.find(({ name }) => !patterns.has(name));
  if (missing)
    throw new UserError(
      `The model has ${inputs.length} inputs, but there is no calibration data for "${missing.name}"; name a folder for each.`,
    );
  const found = new Map<string, string[]>();
  for (const [name, pattern] of patterns) found.set(name, filesOf(pattern, folder));
  return found;
}

/** Files below a folder, or those of them that a glob names, in natural order. */
function filesOf(pattern: string, folder: string): string[] {
  const isFolder = statSync(resolve(folder, pattern), { throwIfNoEntry: false })?.isDirectory() === true;
  // The pattern alone: the model's folder may have brackets in its name.
  const { base, glob } = isFolder ? { base: pattern, glob: '**' } : picomatch.scan(pattern);
  const root = resolve(folder, base);
  const matches = picomatch(glob || '**', { nocase: true });
  const files = entriesOf(root).filter(
    (file) => EXTENSIONS.includes(extname(file).toLowerCase()) && matches(file.split(sep).join('/')),
  );
  if (files.length === 0)
    throw new UserError(
      `There is no calibration data at ${pattern}${isAbsolute(pattern) ? '' : `, seen from ${folder}`}: no ${EXTENSIONS.join(', ')} file.`,
    );
  return files.sort(new Intl.Collator('en', { numeric: true }).compare).map((file) => join(root, file));
}

/** Paths of all files below a folder, relative to it; none if there is no such folder. Links are not followed, as they may lead in circles. */
function entriesOf(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

function readFeed(file: string, input: ValueSummary, { image }: CalibrationData): Feed {
  const name = relative(process.cwd(), file);
  const { size } = statSync(file);
  if (size > LARGEST_FILE) throw new UserError(`${name} is no sample: it has ${formatBytes(size)}.`);
  const bytes = readFileSync(file);
  const tensor = PICTURES.includes(extname(file).toLowerCase())
    ? pictureTensor(readPicture(bytes, name), input, image)
    : fitted(readNpy(bytes, name), input, name);
  return { type: input.elementType, ...tensor };
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
