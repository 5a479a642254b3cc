import { choice, numerals, wholeNumber, type Option } from '../options/Option';
import { upTo, type SchemeFamily } from './SchemeFamily';

/** Vectors of neighbouring weights from a codebook (Linde, Buzo, Gray 1980); with several parts, a product codebook. */
export interface VectorSpec {
  readonly family: 'vector';
  /** Weights in a vector, 1 to 8. */
  readonly dimension: number;
  /** Entries of each part's codebook, 2 to 256. */
  readonly entries: number;
  /** Parts that a vector is cut into, each with a codebook of its own; divides the dimension. */
  readonly parts: number;
}

const DIMENSIONS = upTo(1, 8);

const PARTS: Option<VectorSpec> = {
  name: 'parts',
  values: ['partsN'],
  examples: ['parts1', 'parts2', 'parts3', 'parts8'],
  description: 'codebooks that share a vector; divides D',
  pattern: 'parts[1-8]',
  read: (word, { dimension }) => {
    const parts = Number(/^parts([1-8])$/.exec(word)?.[1]);
    return dimension % parts === 0 ? { parts } : null;
  },
  write: ({ parts }) => `parts${parts}`,
  controls: ({ dimension, parts }) => {
    const divisors = DIMENSIONS.filter((count) => dimension % count === 0);
    if (divisors.length === 1) return [];
    return [
      choice('parts', 'Codebooks', String(parts), numerals(divisors), (value) => ({ parts: Number(value) })),
    ];
  },
};

export const vector: SchemeFamily<VectorSpec> = {
  formats: [
    {
      id: 'vector',
      label: 'Vector codebook (LBG)',
      names: ['vqDxN'],
      many: {
        pattern: 'vq[1-8]x([2-9]|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-6])',
        examples: ['vq1x16', 'vq3x5', 'vq4x16', 'vq5x32', 'vq6x7', 'vq8x2'],
      },
      description: 'D (1 to 8) weights from N (2 to 256) entries',
      make: (name) => {
        const [dimension, entries] = name.slice(2).split('x').map(Number);
        return { family: 'vector', dimension: dimension!, entries: entries!, parts: 1 };
      },
      nearest: (bits) => `vq${bits < 1.5 ? 8 : bits < 3 ? 4 : 2}x256`,
    },
  ],
  options: [PARTS],
  nameOf: ({ dimension, entries }) => `vq${dimension}x${entries}`,
  describe: ({ dimension, entries, parts }) => {
    const books = parts === 1 ? `a codebook of ${entries}` : `a product of ${parts} codebooks of ${entries}`;
    return `${dimension} weights at a time from ${books} (LBG)`;
  },
  codeBits: ({ dimension, entries, parts }) => (Math.log2(entries) * parts) / dimension,
  controls: ({ dimension, entries, parts }) => [
    choice('dimension', 'Weights', String(dimension), numerals(DIMENSIONS), (value) => ({
      dimension: Number(value),
      parts: Number(value) % parts === 0 ? parts : 1,
    })),
    wholeNumber('entries', 'Entries', entries, [2, 256, 1], (count) => ({ entries: count })),
  ],
  slow: true,
  mark: 'vector',
  about: 'vectors of 1 to 8 weights from an LBG codebook of 2 to 256 entries; `parts`: a product of several',
  presets: {
    'low-bit': ['vq2x256', 'vq4x256'],
    all: ['vq2x256', 'vq4x256/parts2', 'vq4x256', 'vq8x256'],
  },
};
