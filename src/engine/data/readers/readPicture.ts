import { decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { UserError } from '../../../base/UserError';
import { soundPng } from './soundPng';

/** Red, green and blue from 0 to 255, row by row; in bytes where these hold all values. */
export type Pixels = Uint8Array | Float32Array;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Pixels;
}

/**
 * Pixels; more is a mistake, or meant to fill the memory. Of so many, `rgb` takes 100 MB in bytes. A PNG of 16 bits takes 400 MB, and 540 MB
 * while it is unpacked.
 */
const MAX_PIXELS = 2 ** 25;
/** Memory in MB that the JPEG decoder may take beside `rgb`. */
const JPEG_MB = 640;

/**
 * Reads a PNG or JPEG. Transparent pixels stand on white, as on paper.
 * @throws UserError if it is neither, is damaged, or is too large
 */
export function readPicture(bytes: Uint8Array, name: string): Picture {
  const fail = (what: string) => new UserError(`${name} cannot be read as a picture: ${what}.`);
  const size = declaredSize(bytes);
  if (!size) throw fail('it is neither PNG nor JPEG');
  if (size.width * size.height > MAX_PIXELS)
    throw fail(`it says it has ${size.width} by ${size.height} pixels`);
  try {
    return size.png ? fromPng(bytes) : fromJpeg(bytes);
  } catch (error) {
    throw fail(error instanceof Error ? error.message.replace(/\.$/, '') : 'it is damaged');
  }
}

/** Width and height as the file says them, before anything is unpacked. */
function declaredSize(bytes: Uint8Array): { png: boolean; width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 24 && view.getUint32(0) === 0x89504e47)
    return { png: true, width: view.getUint32(16), height: view.getUint32(20) };
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  // JPEG segments up to the frame header (ITU T.81, B.2.2).
  for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker))
      return { png: false, height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  }
  return null;
}

function fromPng(bytes: Uint8Array): Picture {
  const { width, height, channels, depth, data, palette } = decodePng(soundPng(bytes));
  const most = palette ? 255 : 2 ** depth - 1;
  const grey = !palette && channels < 3;
  const hasAlpha = palette ? palette[0]!.length > 3 : channels % 2 === 0;
  const areBytes = most === 255 && !hasAlpha;
  const rgb = areBytes ? new Uint8Array(width * height * 3) : new Float32Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const sample = (channel: number) => {
      const value = channels === 1 ? packed(data, pixel, depth, width) : data[pixel * channels + channel]!;
      return palette ? palette[value]![channel]! : value;
    };
    const alpha = hasAlpha ? sample(palette ? 3 : channels - 1) / most : 1;
    for (let c = 0; c < 3; c++) {
      const value = (255 * sample(grey ? 0 : c)) / most;
      rgb[pixel * 3 + c] = alpha * value + (1 - alpha) * 255;
    }
  }
  return { width, height, rgb };
}

/** Indices of palettes and greys of fewer than 8 bits are packed, each row beginning with a byte. */
function packed(data: ArrayLike<number>, pixel: number, depth: number, width: number): number {
  if (depth >= 8) return data[pixel]!;
  const perByte = 8 / depth;
  const [row, column] = [Math.floor(pixel / width), pixel % width];
  const byte = data[row * Math.ceil(width / perByte) + Math.floor(column / perByte)]!;
  return (byte >> (8 - depth * ((column % perByte) + 1))) & (2 ** depth - 1);
}

function fromJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    maxMemoryUsageInMB: JPEG_MB,
    // As a second frame may declare another size than the first.
    maxResolutionInMP: MAX_PIXELS / 1e6,
  });
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 3; c++) rgb[pixel * 3 + c] = data[pixel * 4 + c]!;
  return { width, height, rgb };
}
