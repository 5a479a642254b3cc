import { quoted } from '../../../base/quoted';
import type { ImageOptions } from '../../../core/recipe/calibration';
import { formatShape } from '../../../core/report/format';
import type { ValueSummary } from '../../../core/model/model';
import { UserError } from '../../../base/UserError';
import type { Picture, Pixels } from './readPicture';
import { resize } from './resize';
import type { DataTensor } from './StoredArray';

/** Shares of red, green and blue in grey, as in most libraries (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];

/**
 * A picture as an input's tensor, [1, channels, rows, columns] or [1, rows, columns, channels], whichever the input's shape says.
 * @throws UserError if the input takes no pictures, or not with so many channels
 */
export function pictureTensor(picture: Picture, input: ValueSummary, options: ImageOptions): DataTensor {
  const { shape } = input;
  if (shape?.length !== 4)
    throw new UserError(
      `Pictures do not fit the input ${quoted(input.name)}, which is ${formatShape(shape)} and not of four dimensions.`,
    );
  const last = isChannels(shape[3]) && !isChannels(shape[1]);
  const channels = options.channels === 'grey' ? 1 : 3;
  const wanted = shape[last ? 3 : 1];
  if (typeof wanted === 'number' && wanted !== channels)
    throw new UserError(
      `Pictures in ${options.channels} have ${channels} channels, but the input ${quoted(input.name)} takes ${wanted}.`,
    );
  const side = (axis: number, index: 0 | 1, own: number) => {
    const size = shape[axis];
    return typeof size === 'number' ? size : (options.size?.[index] ?? own);
  };
  const rows = side(last ? 1 : 2, 0, picture.height);
  const columns = side(last ? 2 : 3, 1, picture.width);
  const { rgb } = resize(picture, rows, columns);
  const count = channels * rows * columns;
  const data = input.elementType === 'float64' ? new Float64Array(count) : new Float32Array(count);
  for (let pixel = 0; pixel < rows * columns; pixel++)
    for (let channel = 0; channel < channels; channel++)
      data[last ? pixel * channels + channel : channel * rows * columns + pixel] = scaled(
        rgb,
        pixel,
        channel,
        options,
      );
  return { shape: last ? [1, rows, columns, channels] : [1, channels, rows, columns], data };
}

const isChannels = (size: number | string | null | undefined) => size === 1 || size === 3;

function scaled(rgb: Pixels, pixel: number, channel: number, { channels, mean, std }: ImageOptions): number {
  const at = (c: number) => rgb[pixel * 3 + c]!;
  const value =
    channels === 'grey'
      ? LUMA.reduce((sum, weight, c) => sum + weight * at(c), 0)
      : at(channels === 'BGR' ? 2 - channel : channel);
  return (value / 255 - mean[channel % mean.length]!) / std[channel % std.length]!;
}
