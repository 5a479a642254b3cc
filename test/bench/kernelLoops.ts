import type { Kernel } from '../../src/kernel/Kernel';
import type { KernelMemory } from '../../src/kernel/KernelMemory';

/** A loop of the kernel, run over one slab of weights at `src`. */
export type SlabLoop = (kernel: Kernel, src: number) => void;

export const ROWS = 64;
export const COLS = 4096;
const COUNT = ROWS * COLS;
const BINS = 2048;

/** Every loop that passes over weights, with parameters like those of a real layer; results go to areas of `memory`. */
export function slabLoops(memory: KernelMemory): Record<string, SlabLoop> {
  const stats = memory.reserve(ROWS * 32);
  const scales = memory.reserve(ROWS * 4);
  const zeroPoints = memory.reserve(ROWS * 4);
  const exponents = memory.reserve(ROWS * 4);
  const counts = memory.reserve(BINS * 4);
  const codes = memory.reserve(COUNT);
  const values = memory.reserve(COUNT * 4);
  memory.float32(scales, ROWS).fill(0.012);
  memory.int32(zeroPoints, ROWS).fill(3);
  memory.int32(exponents, ROWS).fill(0);
  const affine =
    (qmin: number, qmax: number, codes: number): SlabLoop =>
    (kernel, src) =>
      kernel.affineRows(src, ROWS, COLS, scales, zeroPoints, qmin, qmax, codes, 0, stats);
  return {
    rangeRows: (kernel, src) => kernel.rangeRows(src, ROWS, COLS, stats),
    'int8, error only': affine(-127, 127, 0),
    'int8, with codes': affine(-127, 127, codes),
    'int8, codes and values': (kernel, src) =>
      kernel.affineRows(src, ROWS, COLS, scales, zeroPoints, -127, 127, codes, values, stats),
    'uint8, with codes': affine(0, 255, codes),
    'int4, with codes': affine(-7, 7, codes),
    'log4, error only': (kernel, src) => kernel.logRows(src, ROWS, COLS, exponents, 7, 0, 0, stats),
    'log4, with codes': (kernel, src) => kernel.logRows(src, ROWS, COLS, exponents, 7, codes, 0, stats),
    'binary, error only': (kernel, src) => kernel.binaryRows(src, ROWS, COLS, scales, 0, 0, stats),
    'binary, with codes': (kernel, src) => kernel.binaryRows(src, ROWS, COLS, scales, codes, 0, stats),
    'histogram 2048': (kernel, src) => kernel.histogram(src, COUNT, -4, 4, BINS, counts),
    maxAbsDifference: (kernel, src) => kernel.maxAbsDifference(src, values, COUNT),
    'channelMajor, inner 1': (kernel, src) => kernel.channelMajor(src, values, COLS, ROWS, 1),
    'channelMajor, inner 9': (kernel, src) => kernel.channelMajor(src, values, 448, ROWS, 9),
  };
}
