import { MINIFLOATS, type Minifloat } from '../../../src/core/scheme/Minifloat';
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
  (
    scales: readonly number[],
    zeroPoints: readonly number[],
    qmin: number,
    qmax: number,
    codeBytes = 1,
  ): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const scale = arena.input(Float32Array.from(scales));
    const zeroPoint = arena.input(Int32Array.from(zeroPoints));
    kernel.affineRows(src, rows, cols, scale, zeroPoint, qmin, qmax, codes, codeBytes, values, stats);
  };

export const log =
  (exponents: readonly number[], count: number, negative = 8): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const exponent = arena.input(Int32Array.from(exponents));
    kernel.logRows(src, rows, cols, exponent, count, negative, codes, values, stats);
  };

export const minifloat =
  (scales: readonly number[], name: Minifloat['name']): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const { mantissaBits, minExponent, max, bits } = MINIFLOATS[name];
    const scale = arena.input(Float32Array.from(scales));
    const codeBytes = bits > 8 ? 2 : 1;
    kernel.floatRows(
      ...([src, rows, cols, scale, mantissaBits, minExponent, max, 2 ** (bits - 1)] as const),
      ...([codes, codeBytes, values, stats] as const),
    );
  };

/** @param tables ascending levels, one list for all rows or one for each */
export const table =
  (scales: readonly number[], tables: readonly (readonly number[])[]): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const count = tables[0]!.length;
    const scale = arena.input(Float32Array.from(scales));
    const thresholds = arena.input(
      Float32Array.from(
        tables.flatMap((list) =>
          list.map((level, i) => (i + 1 < count ? (level + list[i + 1]!) / 2 : Infinity)),
        ),
      ),
    );
    const entries = arena.input(Float32Array.from(tables.flat()));
    const stride = tables.length === 1 ? 0 : count;
    kernel.tableRows(src, rows, cols, scale, thresholds, entries, count, stride, codes, values, stats);
  };

export const stochastic =
  (scales: readonly number[], seed: number, first: number): Loop =>
  (kernel, arena, { src, rows, cols, codes, values, stats }) => {
    const scale = arena.input(Float32Array.from(scales));
    kernel.stochasticRows(src, rows, cols, scale, seed, first, codes, values, stats);
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

/** A loop with parameters as layers have them. */
interface Sample {
  loop(rows: number): Loop;
  /** The codes that it may write; two's complement if the least is negative. */
  readonly least: number;
  readonly most: number;
  readonly codeBytes?: 1 | 2;
  /** Random decisions differ for the values that they made. */
  readonly random?: boolean;
}

/** Ascending levels that do not lie evenly. */
function levels(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sinh((4 * (i + 0.5)) / count - 2) / 4);
}

/** The quantizing loops for so many rows. */
export const LOOPS: Record<string, Sample> = {
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
  'affineRows int4 with scales of both signs': {
    loop: (rows) =>
      affine(
        perRow(rows, (r) => 0.3 * (r + 1) * (-1) ** (r + 1)),
        perRow(rows, () => 0),
        -8,
        7,
      ),
    least: -8,
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
  'affineRows int16': {
    loop: (rows) =>
      affine(
        perRow(rows, (r) => 1e-4 * (r + 1)),
        perRow(rows, (r) => r * 11),
        -32768,
        32767,
        2,
      ),
    least: -32768,
    most: 32767,
    codeBytes: 2,
  },
  'logRows 127': {
    loop: (rows) =>
      log(
        perRow(rows, (r) => 4 - (r % 3)),
        127,
        128,
      ),
    least: 0,
    most: 255,
  },
  ...Object.fromEntries(
    (['fp4', 'fp6e2m3', 'fp6e3m2', 'fp8e4m3', 'fp8e5m2', 'fp16', 'bf16'] as const).map((name) => [
      `floatRows ${name}`,
      {
        loop: (rows: number) =>
          minifloat(
            perRow(rows, (r) => (name === 'bf16' ? 1 : 0.03 * ((r % 7) + 1))),
            name,
          ),
        least: 0,
        most: 2 ** MINIFLOATS[name].bits - 1,
        codeBytes: MINIFLOATS[name].bits > 8 ? 2 : 1,
      } satisfies Sample,
    ]),
  ),
  ...Object.fromEntries(
    [2, 3, 7, 16, 17, 100, 256].map((count) => [
      `tableRows ${count}`,
      {
        loop: (rows: number) =>
          table(
            perRow(rows, (r) => 0.5 * ((r % 5) + 1)),
            [levels(count)],
          ),
        least: 0,
        most: count - 1,
      } satisfies Sample,
    ]),
  ),
  'tableRows of its own for each row': {
    loop: (rows) =>
      table(
        perRow(rows, () => 1),
        // Where there are no rows there is a table all the same, so that it is one with a length.
        Array.from({ length: Math.max(2, rows) }, (_, r) => levels(5).map((level) => level * (r + 1))),
      ),
    least: 0,
    most: 4,
  },
  stochasticRows: {
    loop: (rows) =>
      stochastic(
        perRow(rows, (r) => 0.5 * ((r % 3) + 1)),
        7,
        4_294_967_290,
      ),
    least: 0,
    most: 1,
    random: true,
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
  codeBytes: 1 | 2 = 1,
) {
  arena.reset();
  // Four bytes off what suits a vector: nothing promises more for a row.
  const src = arena.input(input, 4);
  const stats = arena.output(rows * 24);
  const codes = wanted.codes ? arena.output(input.length * codeBytes, codeBytes === 1 ? 3 : 2) : 0;
  const values = wanted.values ? arena.output(input.byteLength, 4) : 0;
  loop(kernel, arena, { src, rows, cols: rows === 0 ? 0 : input.length / rows, codes, values, stats });
  return { stats, codes, values };
}

/** Runs a loop, everything wanted. */
export function run(
  arena: Arena,
  kernel: Kernel,
  loop: Loop,
  input: ArrayLike<number>,
  rows = 1,
  codeBytes: 1 | 2 = 1,
): Quantized {
  const all = { codes: true, values: true };
  const { stats, codes, values } = runIn(arena, kernel, loop, Float32Array.from(input), rows, all, codeBytes);
  const { memory } = arena;
  return {
    codes: [...(codeBytes === 1 ? memory.uint8(codes, input.length) : memory.uint16(codes, input.length))],
    values: [...arena.memory.float32(values, input.length)],
    stats: [...arena.memory.float64(stats, rows * 3)],
  };
}
