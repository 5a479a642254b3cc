import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINIFLOATS, minifloatValue } from '../../../src/core/scheme/Minifloat';
import { buildKernel } from '../../../src/kernel/build.mjs';
import type { Kernel } from '../../../src/kernel/Kernel';
import { loadKernel } from '../../../src/kernel/loadKernel';
import { createTwin } from '../../reference/kernel/createTwin';
import { unpackHalf } from '../../../src/core/scheme/half';
import { Arena } from './Arena';
import { CASES } from './cases';
import { affine, binary, log, LOOPS, minifloat, run, stochastic, table, type Loop } from './loops';
import { LENGTHS, NOT_NUMBERS, weights } from './samples';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-kernel-'));
const arena = new Arena();
const { memory } = arena;
const kernels: Record<'simd' | 'twin', Kernel> = { twin: createTwin(memory.memory) } as never;
const FUNCTIONS = Object.keys(kernels.twin) as (keyof Kernel)[];
const HALVES = Uint16Array.from({ length: 65_536 }, (_, i) => i);
const LARGEST = 3.4028234663852886e38;

beforeAll(async () => {
  const file = join(folder, 'kernel.wasm');
  await buildKernel(file);
  kernels.simd = await loadKernel(readFileSync(file), memory.memory);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['simd', 'twin'] as const)('%s', (name) => {
  const quantize = (loop: Loop, input: ArrayLike<number>, rows = 1, codeBytes: 1 | 2 = 1) =>
    run(arena, kernels[name], loop, input, rows, codeBytes);
  const kernel = () => kernels[name];

  describe('affineRows', () => {
    it('rounds ties to even and clamps', () => {
      const input = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 127.5, -127.5, 1e9, -1e9, 0.49999997, 3.5, -3.5];
      const expected = [0, 2, 2, 0, -2, -2, 126, 127, -127, 127, -127, 0, 4, -4];
      // Once as the rest of a row, and once in its vectors.
      for (const times of [1, 8]) {
        const repeat = (list: number[]) => Array.from({ length: times }, () => list).flat();
        const { codes, values } = quantize(affine([1], [0], -127, 127), repeat(input));
        expect(values).toEqual(repeat(expected));
        expect(codes).toEqual(repeat(expected).map((code) => code & 0xff));
      }
    });

    it('divides, where the reciprocal would now and then give another code', () => {
      const scale = Math.fround(0.02);
      const input = Float32Array.from({ length: 5000 }, (_, i) => (i + 0.5) * 0.02);
      const divided = [...input].map((x) => Math.fround(x / scale));
      const rounded = divided.map((q) => (q % 1 === 0.5 ? 2 * Math.round(q / 2) : Math.round(q)));
      const { codes } = quantize(affine([scale], [0], -1e6, 1e6), input);
      expect(codes).toEqual(rounded.map((q) => q & 0xff));
    });

    it('represents zero exactly whatever the zero point', () => {
      for (const zeroPoint of [0, 1, 100, 255]) {
        const { codes, values } = quantize(affine([0.013], [zeroPoint], 0, 255), [...Array(20).fill(-0), 0]);
        expect(new Set(codes)).toEqual(new Set([zeroPoint]));
        expect(values.every((value) => Object.is(value, 0))).toBe(true);
      }
    });

    it('turns the grid round where the scale is negative', () => {
      const input = [4, 2, 0.2, 0, -3.5, -9, 9, Infinity, -Infinity, NaN];
      for (const times of [1, 8]) {
        const repeat = (list: number[]) => Array.from({ length: times }, () => list).flat();
        const { codes, values } = quantize(affine([-0.5], [0], -8, 7), repeat(input));
        expect(codes).toEqual(repeat([-8, -4, 0, 0, 7, 7, -8, -8, 7, 0]).map((code) => code & 0xff));
        // Zeros as well: 0 times a negative scale is -0, as in DequantizeLinear.
        expect(values).toEqual(repeat([4, 2, -0, -0, -3.5, -3.5, 4, 4, -3.5, -0]));
      }
    });

    it('takes NaN for zero and infinities for the ends', () => {
      const input = Array.from({ length: 18 }, (_, i) => NOT_NUMBERS[i % 3]!);
      const { codes, values, stats } = quantize(affine([0.5], [100], 0, 255), input);
      expect(codes.slice(-3)).toEqual([100, 255, 0]);
      expect(codes.slice(0, 3)).toEqual([100, 255, 0]);
      expect(values.slice(0, 3)).toEqual([0, 77.5, -50]);
      expect(stats).toEqual([NaN, 6 * (77.5 ** 2 + 50 ** 2), Infinity]);
    });

    it('holds the greatest numbers there are', () => {
      const scale = Math.fround(LARGEST / 127.5);
      const { codes } = quantize(affine([scale], [0], -127, 127), [LARGEST, -LARGEST, LARGEST / 2]);
      expect(codes).toEqual([127, 256 - 127, 64]);
    });

    it('errs by half a step at most within the range', () => {
      const weight = fc.float({ noNaN: true, min: Math.fround(-1.27), max: Math.fround(1.27) });
      fc.assert(
        fc.property(fc.array(weight, { maxLength: 50 }), (list) => {
          const { stats } = quantize(affine([0.01], [0], -127, 127), list);
          expect(stats[2]).toBeLessThanOrEqual(0.005 * (1 + 1e-4));
        }),
      );
    });
  });

  describe('logRows', () => {
    it('takes the nearest power of two by value, half way up', () => {
      const input = [1, 1.49, 1.5, 2.9, 3, 8, 100, 0.5, 0.0624, -1, -1.5, -100, -0.04, Infinity, -Infinity];
      const { values, codes } = quantize(log([2], 7), input);
      expect(values).toEqual([1, 1, 2, 2, 4, 4, 4, 0.5, 0.0625, -1, -2, -4, -0.0625, 4, -4]);
      expect(codes).toEqual([5, 5, 6, 6, 7, 7, 7, 4, 1, 13, 14, 15, 9, 7, 15]);
    });

    it.each([0, -60, -120])(
      'below half the least level there is zero, at the half not (2^%d)',
      (exponent) => {
        const half = 2 ** (exponent - 7);
        const below = half - 2 ** Math.max(-149, exponent - 31);
        const input = [half, -half, below, -below, 0, -0, NaN];
        const { values, codes } = quantize(log([exponent], 7), [...input, ...input, ...input]);
        expect(values.slice(0, 7)).toEqual([2 * half, -2 * half, 0, 0, 0, 0, 0]);
        expect(codes).toEqual(Array(3).fill([1, 9, 0, 0, 0, 0, 0]).flat());
        expect(values.slice(14)).toEqual(values.slice(0, 7));
      },
    );
  });

  describe('floatRows', () => {
    it.each(['fp4', 'fp6e2m3', 'fp6e3m2', 'fp8e4m3', 'fp8e5m2', 'fp16', 'bf16'] as const)(
      'of %s keeps every number of the format, and rounds what lies between to the nearest, ties to even',
      (format) => {
        const { bits, max } = MINIFLOATS[format];
        const codes = Array.from({ length: 2 ** (bits - 1) }, (_, code) => code);
        const numbers = codes.map((code) => minifloatValue(MINIFLOATS[format], code)).filter((x) => x <= max);
        const codeBytes = bits > 8 ? 2 : 1;
        const exact = quantize(minifloat([1], format), numbers, 1, codeBytes);
        expect(exact.values).toEqual(numbers);
        expect(exact.codes).toEqual(codes.slice(0, numbers.length));
        // Midpoints of bfloat16 numbers, and of the others all the more, are float32 numbers.
        const middles = numbers.slice(1).map((x, i) => (x + numbers[i]!) / 2);
        const rounded = quantize(minifloat([1], format), middles, 1, codeBytes);
        expect(rounded.codes).toEqual(middles.map((_, i) => i + (i % 2)));
        const negative = quantize(
          minifloat([1], format),
          middles.map((x) => -x),
          1,
          codeBytes,
        );
        expect(negative.values).toEqual(rounded.values.map((x) => (x === 0 ? 0 : -x)));
      },
    );

    it('saturates, and takes NaN and both zeros for zero', () => {
      const input = [449, 1e30, Infinity, -Infinity, NaN, -0, 0];
      const { values, codes } = quantize(minifloat([1], 'fp8e4m3'), input);
      expect(values).toEqual([448, 448, 448, -448, 0, 0, 0]);
      expect(codes).toEqual([0x7e, 0x7e, 0x7e, 0xfe, 0, 0, 0]);
    });
  });

  describe('tableRows', () => {
    it('takes the level on whose side of the thresholds a weight lies, the upper one on a threshold', () => {
      const loop = table([2], [[-1, 0, 0.5, 1]]);
      const input = [-9, -1.01, -1, -0.5, 0.49, 0.5, 1.49, 1.5, 9, NaN, Infinity, -Infinity];
      const { codes, values } = quantize(loop, [...input, ...input]);
      expect(codes.slice(0, 12)).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 3, 0, 3, 0]);
      expect(codes.slice(12)).toEqual(codes.slice(0, 12));
      expect(values.slice(0, 9)).toEqual([-2, -2, 0, 0, 0, 1, 1, 2, 2]);
    });
  });

  describe('stochasticRows', () => {
    it('is as likely + as the weight is near to it, and the same for the same seed and place', () => {
      const count = 20_000;
      for (const x of [-1.2, -0.5, 0, 0.3, 0.9, 1.5]) {
        const input = new Float32Array(count).fill(x);
        const { codes } = quantize(stochastic([1], 3, 0), input);
        const probability = Math.min(1, Math.max(0, (x + 1) / 2));
        const mean = codes.reduce((sum, code) => sum + code, 0) / count;
        // Five deviations of a binomial share.
        const bound = 5 * Math.sqrt((probability * (1 - probability)) / count);
        expect(Math.abs(mean - probability)).toBeLessThanOrEqual(bound);
        expect(quantize(stochastic([1], 3, 0), input).codes).toEqual(codes);
        const from = quantize(stochastic([1], 3, 100), input.subarray(100));
        expect(from.codes).toEqual(codes.slice(100));
        if (probability > 0 && probability < 1)
          expect(quantize(stochastic([1], 4, 0), input).codes).not.toEqual(codes);
      }
    });
  });

  describe('nearestEntries', () => {
    it.each([1, 2, 3, 5, 8])(
      'finds what a plain search finds, with sums and counts, for %i dimensions',
      (dimension) => {
        arena.reset();
        const [count, entries] = [500, 19];
        const vectors = weights(count * dimension, 1, 1);
        const codebook = weights(entries * dimension, 1, 2);
        const codes = arena.output(count);
        const sums = arena.output(entries * dimension * 8);
        const counts = arena.output(entries * 4);
        memory.float64(sums, entries * dimension).fill(0);
        memory.uint32(counts, entries).fill(0);
        const total = kernel().nearestEntries(
          ...([arena.input(vectors), count, dimension, dimension, arena.input(codebook), entries] as const),
          ...([codes, 1, sums, counts] as const),
        );
        let expectedTotal = 0;
        const expectedCounts = new Uint32Array(entries);
        const expectedSums = new Float64Array(entries * dimension);
        for (let v = 0; v < count; v++) {
          const distances = Array.from({ length: entries }, (_, e) =>
            Array.from({ length: dimension }, (_, d) => {
              return (vectors[v * dimension + d]! - codebook[e * dimension + d]!) ** 2;
            }).reduce((sum, square) => sum + square, 0),
          );
          const best = Math.min(...distances);
          const code = memory.uint8(codes, count)[v]!;
          // Rounding to float32 may turn near ties.
          expect(distances[code]! - best).toBeLessThan(1e-6 * (1 + best));
          expectedTotal += best;
          expectedCounts[code]!++;
          for (let d = 0; d < dimension; d++)
            expectedSums[code * dimension + d]! += vectors[v * dimension + d]!;
        }
        expect(total / expectedTotal).toBeCloseTo(1, 5);
        expect(memory.uint32(counts, entries)).toEqual(expectedCounts);
        memory
          .float64(sums, entries * dimension)
          .forEach((sum, i) => expect(sum).toBeCloseTo(expectedSums[i]!, 9));
      },
    );

    it('takes the first of equal entries', () => {
      arena.reset();
      const codebook = arena.input(Float32Array.of(5, 1, 1, 3, 1));
      const codes = arena.output(6);
      const vectors = arena.input(Float32Array.of(0, 1, 2, 1, 9, 4));
      kernel().nearestEntries(vectors, 6, 1, 1, codebook, 5, codes, 1, 0, 0);
      expect([...memory.uint8(codes, 6)]).toEqual([1, 1, 1, 1, 0, 0]);
    });
  });

  it('errorRows measures what the quantizing loops do', () => {
    const input = weights(3 * 1061, 0.6, 7);
    const { values, stats } = quantize(LOOPS['affineRows int4']!.loop(3), input, 3);
    arena.reset();
    const measured = arena.output(72);
    kernel().errorRows(arena.input(input), arena.input(Float32Array.from(values)), 3, 1061, measured);
    expect([...memory.float64(measured, 9)]).toEqual(stats);
  });

  it('binaryRows takes the sign, plus for zeros and NaN', () => {
    const { values, codes } = quantize(binary([0.25]), [
      0,
      -0,
      1e-45,
      -1e-45,
      5,
      -5,
      NaN,
      Infinity,
      -Infinity,
    ]);
    expect(values).toEqual([0.25, 0.25, 0.25, -0.25, 0.25, -0.25, 0.25, 0.25, -0.25]);
    expect(codes).toEqual([1, 1, 1, 0, 1, 0, 1, 1, 0]);
  });

  describe.each(Object.entries(LOOPS))('%s', (title, { loop, least, most, codeBytes, random }) => {
    it('measures what it does', () => {
      const cols = 1061;
      const input = weights(3 * cols, 0.6, 7);
      const { values, stats } = quantize(loop(3), input, 3, codeBytes);
      const squares = (list: number[]) => list.reduce((sum, value) => sum + value * value, 0);
      for (const r of [0, 1, 2]) {
        const row = values.slice(r * cols, (r + 1) * cols);
        const errors = row.map((value, i) => input[r * cols + i]! - value);
        // Squares of the greatest and the least levels leave float32.
        if (!title.includes('exponents')) {
          expect(stats[3 * r]! / squares(errors)).toBeCloseTo(1, 5);
          expect(stats[3 * r + 1]! / squares(row)).toBeCloseTo(1, 5);
        }
        expect(stats[3 * r + 2]).toBeCloseTo(Math.max(...errors.map(Math.abs)), 5);
      }
    });

    it('gives its own values the same values again, and codes that exist', () => {
      const weight = fc.float({ noNaN: true, min: -4, max: 4 });
      fc.assert(
        fc.property(fc.array(weight, { maxLength: 40 }), (list) => {
          const once = quantize(loop(1), list, 1, codeBytes);
          const twice = quantize(loop(1), once.values, 1, codeBytes);
          if (!random) {
            expect(twice.values).toEqual(once.values);
            expect(twice.stats[0]).toBe(0);
          }
          const Signed = codeBytes === 2 ? Int16Array : Int8Array;
          const codes = least < 0 ? [...Signed.from(once.codes)] : once.codes;
          expect(codes.every((code) => code >= least && code <= most)).toBe(true);
        }),
        { numRuns: 50 },
      );
    });
  });

  describe('rangeRows', () => {
    it('finds ends and sums', () => {
      for (const cols of LENGTHS) {
        arena.reset();
        const input = weights(2 * cols, 3, cols + 1);
        const stats = arena.output(64);
        expect(kernel().rangeRows(arena.input(input), 2, cols, stats)).toBe(0);
        for (const r of [0, 1]) {
          const row = [...input.subarray(r * cols, (r + 1) * cols)];
          const [lo, hi, magnitudes, squares] = memory.float64(stats + r * 32, 4);
          expect([lo, hi]).toEqual([Math.min(...row), Math.max(...row)]);
          const sum = (list: number[]) => list.reduce((total, x) => total + x, 0);
          expect(magnitudes).toBeCloseTo(sum(row.map(Math.abs)), 2);
          expect(squares).toBeCloseTo(sum(row.map((x) => x * x)), 1);
        }
      }
    });

    it.each(NOT_NUMBERS)('notices %d anywhere', (bad) => {
      for (const cols of [1, 16, 17, 40]) {
        for (let at = 0; at < 2 * cols; at++) {
          arena.reset();
          const input = weights(2 * cols, 1, 1);
          input[at] = bad;
          expect(kernel().rangeRows(arena.input(input), 2, cols, arena.output(64))).toBe(1);
        }
      }
    });
  });

  describe('histogram', () => {
    it('counts every element once, in the bin it belongs to', () => {
      for (const count of LENGTHS) {
        arena.reset();
        const input = weights(count, 1, count + 5);
        const counts = arena.output(40);
        memory.uint32(counts, 10).fill(0);
        kernel().histogram(arena.input(input), count, -2, 2, 10, counts);
        const expected = Array<number>(10).fill(0);
        for (const x of input) expected[Math.max(0, Math.min(9, Math.floor((x + 2) * 2.5)))]!++;
        expect([...memory.uint32(counts, 10)]).toEqual(expected);
      }
    });

    it('counts what lies outside in the first and the last bin, and NaN in the first', () => {
      arena.reset();
      const list = [NaN, -Infinity, -5, 0, 4, 5, 1e30, Infinity, 2];
      const counts = arena.output(16);
      memory.uint32(counts, 4).fill(0);
      kernel().histogram(arena.input(Float32Array.from(list)), list.length, 0, 4, 4, counts);
      expect([...memory.uint32(counts, 4)]).toEqual([4, 0, 1, 4]);
    });
  });

  it('quadraticForms is d S d of a symmetric matrix given by its upper half', () => {
    arena.reset();
    const upper = Float64Array.of(2, 3, 5, 99, 7, 11, 99, 99, 13);
    const whole = [
      [2, 3, 5],
      [3, 7, 11],
      [5, 11, 13],
    ];
    const d = [
      [1, -2, 0.5],
      [0, 1, 3],
    ];
    const expected = d.map((row) =>
      row.reduce((sum, x, i) => sum + row.reduce((s, y, j) => s + x * whole[i]![j]! * y, 0), 0),
    );
    const totals = arena.output(16);
    memory.float64(totals, 2).fill(0);
    kernel().quadraticForms(arena.input(Float32Array.from(d.flat())), 2, 3, 3, arena.input(upper), 3, totals);
    expect([...memory.float64(totals, 2)]).toEqual(expected);
  });

  it('maxAbsDifference finds the largest, wherever it is, and passes NaN over', () => {
    for (const count of LENGTHS.slice(2)) {
      arena.reset();
      const a = weights(count, 1, 1);
      const b = Float32Array.from(a);
      b[count - 1] = a[count - 1]! + 0.5;
      a[(count - 1) >> 1] = NaN;
      const expected = count === 1 ? 0 : Math.abs(Math.fround(a[count - 1]! - b[count - 1]!));
      expect(kernel().maxAbsDifference(arena.input(a), arena.input(b), count)).toBe(expected);
    }
    expect(kernel().maxAbsDifference(64, 64, 0)).toBe(0);
  });

  it('channelMajor moves every element to its place', () => {
    for (const [outer, channels, inner] of [
      [3, 5, 1],
      [17, 33, 1],
      [4, 3, 9],
      [2, 1, 4],
    ] as const) {
      arena.reset();
      const count = outer * channels * inner;
      const target = arena.output(count * 4);
      const source = arena.input(Float32Array.from({ length: count }, (_, i) => i));
      kernel().channelMajor(source, target, outer, channels, inner);
      const got = memory.float32(target, count);
      for (let o = 0; o < outer; o++)
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < inner; i++)
            expect(got[(c * outer + o) * inner + i]).toBe((o * channels + c) * inner + i);
    }
  });

  it('halfToFloat knows all 65,536 halves', () => {
    arena.reset();
    const target = arena.output(262_144);
    kernel().halfToFloat(arena.input(HALVES), target, 65_536);
    expect(memory.float32(target, 65_536)).toEqual(Float32Array.from(HALVES, unpackHalf));
    expect(arena.intact()).toBe(true);
  });

  it('bfloatToFloat and doubleToFloat take what a typed array would', () => {
    arena.reset();
    const doubles = Float64Array.of(
      1 / 3,
      1 + 2 ** -24,
      1 + 3 * 2 ** -24,
      1e-46,
      1e-45,
      1e39,
      -1e39,
      -0,
      NaN,
    );
    const floats = arena.output(doubles.length * 4);
    kernel().doubleToFloat(arena.input(doubles), floats, doubles.length);
    expect([...memory.float32(floats, doubles.length)]).toEqual([...Float32Array.from(doubles)]);
    const widened = arena.output(262_144);
    kernel().bfloatToFloat(arena.input(HALVES), widened, 65_536);
    expect(memory.uint32(widened, 65_536)).toEqual(Uint32Array.from(HALVES, (bits) => bits * 65_536));
  });
});

describe('simd and twin, bit for bit', () => {
  it('have the same functions, all of them with cases', () => {
    const isFunction = ([, value]: [string, unknown]) => typeof value === 'function';
    const inWasm = Object.entries(kernels.simd).filter(isFunction);
    expect(inWasm.map(([name]) => name).sort()).toEqual([...FUNCTIONS].sort());
    expect(Object.keys(CASES).sort()).toEqual([...FUNCTIONS].sort());
  });

  it.each(FUNCTIONS)('%s', (name) => {
    const twin = CASES[name](kernels.twin, arena);
    let count = 0;
    for (const title of CASES[name](kernels.simd, arena)) {
      const outputs = arena.outputs();
      if (!arena.intact()) expect.fail(`SIMD writes beyond its results: ${title}`);
      expect(twin.next().value).toBe(title);
      if (!arena.intact()) expect.fail(`The twin writes beyond its results: ${title}`);
      if (!outputs.equals(arena.outputs())) expect.fail(`Results differ: ${title}`);
      count++;
    }
    expect(twin.next().done).toBe(true);
    expect(count).toBeGreaterThan(100);
  });

  it('halfToFloat keeps the payload of every NaN', () => {
    const [simd, twin] = [kernels.simd, kernels.twin].map((kernel) => {
      arena.reset();
      kernel.halfToFloat(arena.input(HALVES), arena.output(262_144), 65_536);
      return arena.outputs();
    });
    expect(simd!.equals(twin!)).toBe(true);
  });
});
