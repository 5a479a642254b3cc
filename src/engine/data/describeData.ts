/** Looks at the data that a recipe names, without running the model. */
import { basename, extname } from 'node:path';
import { readPicture } from './readers/readPicture';
import { resize } from './readers/resize';
import type { CalibrationData } from '../../core/recipe/calibration';
import type { DataSummary, InputData, Thumbnail } from '../../core/model/dataSummary';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type SampleList } from './calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import { PICTURES } from './InputSamples';
import { readWhole } from './openArray';
import { evenlySpaced } from './evenlySpaced';
import type { Pause } from '../../base/pauses';

/** So many samples are read to see whether they fit, and so many are shown. */
const MAX_READ = 64;
const MAX_SHOWN = 6;
const THUMBNAIL = { height: 40, width: 160 };

/** @throws UserError if there is no data, or the recipe's words about it make no sense */
export async function describeData(
  { inspection }: Pick<OpenModel, 'inspection'>,
  path: string,
  calibration: CalibrationData,
  pause: Pause,
): Promise<DataSummary> {
  const { inputs } = inspection.model;
  const { all, observed, heldOut, batch, notes } = calibrationSamples(calibration, path, inputs, {});
  const sampleIndices = evenlySpaced(Math.min(MAX_READ, all.count), all.count);
  const described: InputData[] = [];
  for (const { name } of inputs) described.push(await describeInput(name, all, sampleIndices, pause));
  const labels = all.labels?.filter((label) => label !== null) ?? [];
  return {
    samples: all.count,
    observed: observed.count,
    heldOut: heldOut?.count ?? 0,
    labels: all.labels && { labelled: labels.length, classes: new Set(labels).size },
    inputs: described,
    thumbnails: await thumbnailsOf(all.files(sampleIndices), pause),
    batch,
    notes,
  };
}

async function describeInput(
  name: string,
  list: SampleList,
  sampleIndices: readonly number[],
  pause: Pause,
): Promise<InputData> {
  const shapes = new Map<string, { shape: readonly number[]; samples: number }>();
  const problems: string[] = [];
  for (const index of sampleIndices) {
    await pause();
    try {
      const { dims } = list.readInput(index, name);
      const key = dims.join('x');
      shapes.set(key, { shape: dims, samples: (shapes.get(key)?.samples ?? 0) + 1 });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  const sorted = [...shapes.values()].sort((a, b) => b.samples - a.samples);
  const [problem] = problems;
  const misfits = problem === undefined ? null : { samples: problems.length, problem };
  return { name, shapes: sorted, misfits, read: sampleIndices.length };
}

async function thumbnailsOf(files: readonly string[], pause: Pause): Promise<Thumbnail[]> {
  const pictures = files.filter((file) => PICTURES.includes(extname(file).toLowerCase()));
  const shown = evenlySpaced(Math.min(MAX_SHOWN, pictures.length), pictures.length);
  const thumbnails: Thumbnail[] = [];
  for (const index of shown) {
    await pause();
    try {
      thumbnails.push(thumbnail(pictures[index]!));
    } catch (error) {
      // It is among the misfits.
      if (!(error instanceof UserError)) throw error;
    }
  }
  return thumbnails;
}

function thumbnail(file: string): Thumbnail {
  const picture = readPicture(readWhole(file), basename(file));
  const scale = Math.min(THUMBNAIL.height / picture.height, THUMBNAIL.width / picture.width, 1);
  const height = Math.max(1, Math.round(picture.height * scale));
  const width = Math.max(1, Math.round(picture.width * scale));
  const { rgb } = resize(picture, height, width);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = rgb[3 * pixel + c]!;
  return { file: basename(file), width, height, rgba };
}
