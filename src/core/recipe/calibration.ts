/** The data that activations are observed on, as in a recipe. */
export type Calibration = 'synthetic' | CalibrationData;

export interface CalibrationData {
  /**
   * A file, a folder or a glob, relative to the model's folder; where a model has several inputs, one for each. A file is a sample, or an array
   * of samples: as many as it has rows, if the input's first dimension is 1 or free.
   */
  readonly data: string | Readonly<Record<string, string>>;
  /** Samples at most. */
  readonly samples: number;
  readonly image: ImageOptions;
  /**
   * Which class each sample is of, for accuracy. Null for none; else the path, relative to the model's folder, of a text file with a line
   * `file,class number` for each file of data (its path below the folder of data, or its name), or of a .npy file with a whole number for
   * each sample, in their order; or `folders` where the files of each class are in a folder of their own: these are named by the numbers of the
   * classes, or the classes are in the order of their names.
   */
  readonly labels: string | null;
}

/** The value of `labels` for classes in folders. */
export const LABEL_FOLDERS = 'folders';

/** How pictures become numbers: resized, channels in order, each (value / 255 - mean) / std. */
export interface ImageOptions {
  /** Rows and columns; null for those of the input, or where these are free the picture's own. */
  readonly size: readonly [number, number] | null;
  readonly channels: 'RGB' | 'BGR' | 'grey';
  /** One for each channel, or one for all. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const MAX_SAMPLES = 100_000;
const DEFAULT_SAMPLES = 128;

/** Usual ways to scale pictures, by name. */
export const IMAGE_PRESETS: Readonly<Record<string, Pick<ImageOptions, 'mean' | 'std'>>> = {
  '0..1': { mean: [0], std: [1] },
  '-1..1': { mean: [0.5], std: [0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

export const DEFAULT_IMAGE: ImageOptions = { size: null, channels: 'RGB', ...IMAGE_PRESETS['0..1']! };

type Report = (path: string[], message: string) => void;

/** Checks a recipe's "calibration"; what is wrong goes to `report`. */
export function readCalibration(value: unknown, report: Report): Calibration | null {
  if (value === undefined || value === null) return null;
  if (value === 'synthetic') return value;
  if (typeof value === 'string')
    return { data: value, samples: DEFAULT_SAMPLES, image: DEFAULT_IMAGE, labels: null };
  if (!isRecord(value)) {
    report(['calibration'], '"calibration" is "synthetic", a folder, or a JSON object.');
    return null;
  }
  for (const key of Object.keys(value))
    if (!['data', 'samples', 'image', 'labels'].includes(key))
      report(['calibration', key], `"calibration" has no field "${key}".`);
  const { data, samples = DEFAULT_SAMPLES, labels = null } = value;
  if (!isPaths(data)) report(['calibration', 'data'], '"data" is a folder or glob, or one for each input.');
  if (!isCount(samples))
    report(['calibration', 'samples'], `"samples" is a whole number from 1 to ${MAX_SAMPLES}.`);
  const areLabels = labels === null || typeof labels === 'string';
  if (!areLabels) report(['calibration', 'labels'], '"labels" is a file, or "folders".');
  const image = readImage(value['image'], report);
  return isPaths(data) && isCount(samples) && areLabels && image ? { data, samples, image, labels } : null;
}

function readImage(value: unknown, report: Report): ImageOptions | null {
  if (value === undefined) return DEFAULT_IMAGE;
  const wrong = (field: string, message: string) => {
    report(['calibration', 'image', field], message);
    return null;
  };
  const given = typeof value === 'string' ? { preset: value } : value;
  if (!isRecord(given)) return wrong('', '"image" is a preset or a JSON object.');
  const { preset = '0..1', size = null, channels = 'RGB' } = given;
  const scaling = typeof preset === 'string' && Object.hasOwn(IMAGE_PRESETS, preset) && IMAGE_PRESETS[preset];
  if (!scaling) return wrong('preset', `"preset" is one of ${Object.keys(IMAGE_PRESETS).join(', ')}.`);
  const { mean = scaling.mean, std = scaling.std } = given;
  if (size !== null && !(isNumbers(size, 2) && size.length === 2 && size.every(isSide)))
    return wrong('size', '"size" is [rows, columns].');
  if (channels !== 'RGB' && channels !== 'BGR' && channels !== 'grey')
    return wrong('channels', '"channels" is "RGB", "BGR" or "grey".');
  if (!isNumbers(mean, 4)) return wrong('mean', '"mean" is a list of numbers, one for each channel.');
  if (!isNumbers(std, 4) || std.some((number) => number <= 0))
    return wrong('std', '"std" is a list of numbers above zero, one for each channel.');
  return { size: size as ImageOptions['size'], channels, mean, std };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SAMPLES;
const isSide = (value: number) => Number.isSafeInteger(value) && value >= 1 && value <= 16_384;
const isNumbers = (value: unknown, most: number): value is number[] =>
  Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(Number.isFinite);
const isPaths = (value: unknown): value is CalibrationData['data'] =>
  typeof value === 'string' ||
  (isRecord(value) && Object.values(value).every((path) => typeof path === 'string'));
