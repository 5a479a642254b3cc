import type { Kernel } from '../../../src/kernel/Kernel';
import type { Arena } from './Arena';

/** Which results a quantizing loop shall write. */
export interface Wanted {
  readonly codes: boolean;
  readonly values: boolean;
}

/** One of the quantizing loops with its parameters, on rows at `src`. */
export type Loop = (
  kernel: Kernel,
  arena: Arena,
  at: { src: number; rows: number; cols: number; codes: number; values: number; stats: number },
) => void;

export interface Quantized {
  readonly codes: number[];
  readonly values: number[];
  readonly stats: number[];
}

export const affine =
  (scales: readonly number[], zeroPoints: readonly number[], qmin: number, qmax: number): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const scale = arena.input(Float32Array.from(scales));
    const zeroPoint = arena.input(Int32Array.from(zeroPoints));
    kernel.affineRows(src, rows, cols, scale, zeroPoint, qmin, qmax, codes, values, stats);
  };

export const log =
  (exponents: readonly number[], count: number): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const exponent = arena.input(Int32Array.from(exponents));
    kernel.logRows(src, rows, cols, exponent, count, codes, values, stats);
  };

export const binary =
  (scales: readonly number[]): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const scale = arena.input(Float32Array.from(scales));
    kernel.binaryRows(src, rows, cols, scale, codes, values, stats);
  };

/** A number for each row. */
function perRow(rows: number, number: (r: number) => number): number[] {
  return Array.from({ length: rows }, (_, r) => number(r));
}

/** The quantizing loops with parameters as layers have them, for so many rows; and the codes that they may write. */
export const LOOPS: Record<string, { loop: (rows: number) => Loop; least: number; most: number }> = {
  'affineRows int8': {
    loop: (rows) =>
      affine(
        perRow(rows, () => 0.01),
        perRow(rows, () => 0),
        -127,
        127,
      ),
    least: -127,
    most: 127,
  },
  'affineRows uint8': {
    loop: (rows) =>
      affine(
        perRow(rows, () => 0.02),
        perRow(rows, (r) => (77 + 50 * r) % 256),
        0,
        255,
      ),
    least: 0,
    most: 255,
  },
  'affineRows int4': {
    loop: (rows) =>
      affine(
        perRow(rows, (r) => 0.3 * (r + 1)),
        perRow(rows, () => 0),
        -7,
        7,
      ),
    least: -7,
    most: 7,
  },
  'affineRows with ties': {
    loop: (rows) =>
      affine(
        perRow(rows, (r) => 2 ** -r),
        perRow(rows, (r) => r % 100),
        -128,
        127,
      ),
    least: -128,
    most: 127,
  },
  'logRows 7': {
    loop: (rows) =>
      log(
        perRow(rows, (r) => 3 - (r % 20)),
        7,
      ),
    least: 0,
    most: 15,
  },
  'logRows 1': {
    loop: (rows) =>
      log(
        perRow(rows, () => -3),
        1,
      ),
    least: 0,
    most: 9,
  },
  'logRows least exponents': {
    loop: (rows) =>
      log(
        perRow(rows, () => -120),
        7,
      ),
    least: 0,
    most: 15,
  },
  'logRows greatest exponents': {
    loop: (rows) =>
      log(
        perRow(rows, () => 127),
        7,
      ),
    least: 0,
    most: 15,
  },
  binaryRows: { loop: (rows) => binary(perRow(rows, (r) => 0.1 * ((r + 1) % 50))), least: 0, most: 1 },
};

/** Runs a loop; outputs stay in the arena. */
export function runIn(
  arena: Arena,
  kernel: Kernel,
  loop: Loop,
  input: Float32Array,
  rows: number,
  wanted: Wanted,
) {
  arena.reset();
  // Four bytes off what suits a vector: nothing promises more for a row.
  const src = arena.input(input, 4);
  const stats = arena.output(rows * 24);
  const codes = wanted.codes ? arena.output(input.length, 3) : 0;
  const values = wanted.values ? arena.output(input.byteLength, 4) : 0;
  loop(kernel, arena, { src, rows, cols: rows === 0 ? 0 : input.length / rows, codes, values, stats });
  return { stats, codes, values };
}

/** Runs a loop, everything wanted. */
export function run(arena: Arena, kernel: Kernel, loop: Loop, input: ArrayLike<number>, rows = 1): Quantized {
  const all = { codes: true, values: true };
  const { stats, codes, values } = runIn(arena, kernel, loop, Float32Array.from(input), rows, all);
  return {
    codes: [...arena.memory.uint8(codes, input.length)],
    values: [...arena.memory.float32(values, input.length)],
    stats: [...arena.memory.float64(stats, rows * 3)],
  };
}
