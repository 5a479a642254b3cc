/** Rendered English text: what the OCR models see, without any data from elsewhere. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';

const WORDS = (
  'invoice total amount river window quantum silver market bridge engine yellow garden ' +
  'number signal planet coffee winter letter record button mirror travel system copper'
).split(' ');
const FONTS = ['Sans', 'Serif', 'SansMono', 'Sans-Bold', 'Serif-Italic', 'SansCondensed'];

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
for (const file of readdirSync(folder))
  GlobalFonts.registerFromPath(join(folder, file), file.replace(/^DejaVu|\.ttf$/g, ''));

const choose = (list, random) => list[Math.floor(random() * list.length)];

/** Two or three words. */
export function line(random) {
  return Array.from({ length: 2 + Math.floor(random() * 2) }, () => choose(WORDS, random)).join(' ');
}

/** Dark text on a light ground, with a little noise, as a scan has it: RGBA, its height 48 pixels and its width as it comes. */
export function renderLine(text, random) {
  const font = `28px ${choose(FONTS, random)}`;
  const measure = createCanvas(8, 8).getContext('2d');
  measure.font = font;
  const width = Math.ceil((measure.measureText(text).width + 24) / 8) * 8;
  const canvas = createCanvas(width, 48);
  const context = canvas.getContext('2d');
  paper(context, width, 48, random);
  ink(context, font, random);
  context.fillText(text, 12, 34);
  return noisy(context.getImageData(0, 0, width, 48), random);
}

/** A page of lines at various places: RGBA. */
export function renderPage(size, random) {
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  paper(context, size, size, random);
  for (let y = 30; y < size - 20; y += 34 + Math.floor(random() * 40)) {
    ink(context, `${16 + Math.floor(random() * 14)}px ${choose(FONTS, random)}`, random);
    context.fillText(line(random), 10 + random() * size * 0.3, y);
  }
  return noisy(context.getImageData(0, 0, size, size), random);
}

function paper(context, width, height, random) {
  const light = 215 + Math.floor(random() * 40);
  context.fillStyle = `rgb(${light} ${light} ${light - Math.floor(random() * 20)})`;
  context.fillRect(0, 0, width, height);
}

function ink(context, font, random) {
  const dark = Math.floor(random() * 70);
  context.font = font;
  context.fillStyle = `rgb(${dark} ${dark} ${dark + Math.floor(random() * 60)})`;
}

function noisy(image, random) {
  for (let i = 0; i < image.data.length; i += 4) {
    const shift = (random() - 0.5) * 12;
    for (let c = 0; c < 3; c++) image.data[i + c] = Math.max(0, Math.min(255, image.data[i + c] + shift));
  }
  return image;
}

/** The picture upside down. */
export function turned({ width, height, data }) {
  const result = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 4) result.set(data.subarray(i, i + 4), data.length - 4 - i);
  return { width, height, data: result };
}

/** The first `width` columns; paper where there are none. */
export function cropped(image, width) {
  const result = new Uint8ClampedArray(width * image.height * 4);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * image.width + Math.min(x, image.width - 1)) * 4;
      result.set(image.data.subarray(from, from + 4), (y * width + x) * 4);
    }
  return { width, height: image.height, data: result };
}

/** Float32 [1, 3, height, width]: (value / 255 - mean) / std. */
export function toTensor({ width, height, data }, mean, std) {
  const values = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < width * height; i++)
      values[c * width * height + i] = (data[4 * i + c] / 255 - mean[c]) / std[c];
  return { dims: [1, 3, height, width], values };
}
