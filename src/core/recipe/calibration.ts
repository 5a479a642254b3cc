import type { WrittenCalibration } from './calibrationSchema';
import { IMAGE_PRESETS } from './imagePresets';

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

const DEFAULT_SAMPLES = 128;

export const DEFAULT_IMAGE: ImageOptions = { size: null, channels: 'RGB', ...IMAGE_PRESETS['0..1']! };

/** Calibration with what is usual where the recipe does not say it. */
export function calibrationOf(written: WrittenCalibration): Calibration {
  if (written === 'synthetic') return written;
  const { data, samples, labels, image } = typeof written === 'string' ? { data: written } : written;
  return { data, samples: samples ?? DEFAULT_SAMPLES, image: imageOptions(image), labels: labels ?? null };
}

function imageOptions(written: Extract<WrittenCalibration, object>['image']): ImageOptions {
  const { preset, size, channels, mean, std } =
    typeof written === 'string' ? { preset: written } : (written ?? {});
  const scaling = IMAGE_PRESETS[preset ?? '0..1']!;
  return {
    size: (size as ImageOptions['size'] | undefined) ?? null,
    channels: channels ?? 'RGB',
    mean: mean ?? scaling.mean,
    std: std ?? scaling.std,
  };
}
