import type { Kernel } from '../../src/kernel/Kernel';
import type { KernelMemory } from '../../src/kernel/KernelMemory';
import { MINIFLOATS } from '../../src/core/scheme/Minifloat';

/** A loop of the kernel, run over one slab of weights at `src`. */
export interface SlabLoop {
  readonly run: (kernel: Kernel, src: number) => void;
  /** The same loop in `native/loops.c`. */
  readonly native?: string;
}

export const ROWS = 64;
export const COLS = 4096;
export const COUNT = ROWS * COLS;
const BINS = 2048;
const BLOCK = 32;
const UNITS = COUNT / BLOCK;
const ENTRIES = 16;
const FORM = 512;

/** Every loop that passes over weights, with parameters like those of a real layer; results go to areas of `memory`. */
export function slabLoops(memory: KernelMemory): Record<string, SlabLoop> {
  const stats = memory.reserve(UNITS * 32);
  const numbers = (value: number) => {
    const area = memory.reserve(UNITS * 4);
    memory.float32(area, UNITS).fill(value);
    return area;
  };
  const scales = numbers(0.012);
  const ones = numbers(1);
  const zeroPoints = memory.reserve(UNITS * 4);
  const exponents = memory.reserve(ROWS * 4);
  const counts = memory.reserve(65_536 * 4);
  const sums = memory.reserve(65_536 * 8);
  const codes = memory.reserve(COUNT * 2);
  const values = memory.reserve(COUNT * 4);
  const levels = memory.reserve(ENTRIES * 4);
  const thresholds = memory.reserve(ENTRIES * 4);
  const codebook = memory.reserve(256 * 8 * 4);
  const matrix = memory.reserve(FORM * FORM * 8);
  memory.float64(matrix, FORM * FORM).fill(0.5);
  memory.int32(zeroPoints, UNITS).fill(0);
  memory.int32(exponents, ROWS).fill(0);
  memory.float32(levels, ENTRIES).forEach((_, i, all) => (all[i] = Math.sinh((i - 7.5) / 4)));
  memory.float32(thresholds, ENTRIES).forEach((_, i, all) => (all[i] = Math.sinh((i - 7) / 4)));
  memory.float32(codebook, 2048).forEach((_, i, all) => (all[i] = Math.sin(i * 12.9898) * 2));
  const affine =
    (rows: number, most: number, codes: number, codeBytes = 1) =>
    (kernel: Kernel, src: number) =>
      kernel.affineRows(
        ...([src, rows, COUNT / rows, scales, zeroPoints, -most, most] as const),
        ...([codes, codeBytes, 0, stats] as const),
      );
  const log = (codes: number) => (kernel: Kernel, src: number) =>
    kernel.logRows(src, ROWS, COLS, exponents, 7, 8, codes, 0, stats);
  const binary = (codes: number) => (kernel: Kernel, src: number) =>
    kernel.binaryRows(src, ROWS, COLS, scales, codes, 0, stats);
  const float = (name: 'fp8e4m3' | 'bf16') => {
    const { mantissaBits, minExponent, max, bits } = MINIFLOATS[name];
    return (kernel: Kernel, src: number) =>
      kernel.floatRows(
        ...([src, ROWS, COLS, ones, mantissaBits, minExponent, max, 2 ** (bits - 1)] as const),
        ...([codes, bits / 8, 0, stats] as const),
      );
  };
  const nearest = (dimension: number) => (kernel: Kernel, src: number) => {
    const count = COUNT / dimension;
    kernel.nearestEntries(src, count, dimension, dimension, codebook, 256, codes, 1, sums, counts);
  };
  return {
    rangeRows: { run: (kernel, src) => kernel.rangeRows(src, ROWS, COLS, stats), native: 'rangeRows' },
    'int8, error only': { run: affine(ROWS, 127, 0), native: 'int8' },
    'int8, with codes': { run: affine(ROWS, 127, codes), native: 'int8 codes' },
    'int16, with codes': { run: affine(ROWS, 32_767, codes, 2) },
    'int4 in rows of 32': { run: affine(UNITS, 7, codes), native: 'int4 rows of 32' },
    'log4, error only': { run: log(0), native: 'log' },
    'log4, with codes': { run: log(codes), native: 'log codes' },
    'binary, error only': { run: binary(0), native: 'binary' },
    'binary, with codes': { run: binary(codes), native: 'binary codes' },
    'histogram 2048': {
      run: (kernel, src) => kernel.histogram(src, COUNT, -4, 4, BINS, counts),
      native: 'histogram',
    },
    'fp8e4m3, with codes': { run: float('fp8e4m3') },
    'bf16, with codes': { run: float('bf16') },
    'table of 16, with codes': {
      run: (kernel, src) =>
        kernel.tableRows(
          ...([src, ROWS, COLS, ones, thresholds, levels, ENTRIES, 0] as const),
          ...([codes, 0, stats] as const),
        ),
    },
    'stochastic binary': {
      run: (kernel, src) => kernel.stochasticRows(src, ROWS, COLS, ones, 1, 0, codes, 0, stats),
    },
    errorRows: { run: (kernel, src) => kernel.errorRows(src, values, ROWS, COLS, stats) },
    'nearest of 256 pairs': { run: nearest(2) },
    'nearest of 256 eights': { run: nearest(8) },
    tallyCodes: { run: (kernel, src) => kernel.tallyCodes(codes, 1, src, COUNT, counts, sums) },
    maxAbsDifference: { run: (kernel, src) => void kernel.maxAbsDifference(src, values, COUNT) },
    // Of its own rows: 64 of them against a matrix of 512 x 512 read the slab's numbers as often as there are columns.
    'quadraticForms of 512': {
      run: (kernel, src) => kernel.quadraticForms(src, ROWS, COLS, FORM, matrix, FORM, stats),
    },
    'channelMajor, inner 1': { run: (kernel, src) => kernel.channelMajor(src, values, COLS, ROWS, 1) },
    'channelMajor, inner 9': { run: (kernel, src) => kernel.channelMajor(src, values, 448, ROWS, 9) },
  };
}
