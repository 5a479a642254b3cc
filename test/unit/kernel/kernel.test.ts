import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildKernel } from '../../../src/kernel/build.mjs';
import type { Kernel } from '../../../src/kernel/Kernel';
import { KernelMemory } from '../../../src/kernel/KernelMemory';
import { loadKernel } from '../../../src/kernel/loadKernel';
import { createTwin } from '../../../src/kernel/twin/createTwin';
import { unpackHalf } from '../../../src/runtime/half';
import { AWKWARD, LENGTHS, NOT_NUMBERS, weights } from './samples';

const CANARY = 0xa5;
const folder = mkdtempSync(join(tmpdir(), 'quantscope-kernel-'));
const memory = new KernelMemory();
const kernels: Record<'simd' | 'twin', Kernel> = { twin: createTwin(memory.memory) } as never;

beforeAll(async () => {
  const file = join(folder, 'kernel.wasm');
  await buildKernel(file);
  kernels.simd = await loadKernel(readFileSync(file), memory.memory);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** An area with room for `bytes`, between bytes that nobody may touch. */
function guarded(bytes: number): { pointer: number; intact(): boolean } {
  const start = memory.reserve(bytes + 128);
  const view = () => memory.uint8(start, bytes + 128);
  view().fill(CANARY);
  const intact = () =>
    [...view().subarray(0, 64), ...view().subarray(64 + bytes)].every((byte) => byte === CANARY);
  return { pointer: start + 64, intact };
}

function place(values: Float32Array): number {
  const { pointer } = guarded(values.byteLength);
  memory.float32(pointer, values.length).set(values);
  return pointer;
}

interface Quantized {
  readonly codes: number[];
  readonly values: number[];
  readonly stats: number[];
}

type Loop = (
  kernel: Kernel,
  src: number,
  rows: number,
  cols: number,
  codes: number,
  values: number,
  stats: number,
) => void;

/** Runs a quantizing loop; checks that it writes what it should and no more, and the same without codes and values. */
function run(kernel: Kernel, loop: Loop, input: Float32Array, rows: number): Quantized {
  memory.reset();
  const cols = rows === 0 ? 0 : input.length / rows;
  const src = place(input);
  const codes = guarded(input.length);
  const values = guarded(input.byteLength);
  const stats = guarded(rows * 24);
  loop(kernel, src, rows, cols, codes.pointer, values.pointer, stats.pointer);
  const result = {
    codes: [...memory.uint8(codes.pointer, input.length)],
    values: [...memory.float32(values.pointer, input.length)],
    stats: [...memory.float64(stats.pointer, rows * 3)],
  };
  loop(kernel, src, rows, cols, 0, 0, stats.pointer);
  expect([...memory.float64(stats.pointer, rows * 3)]).toEqual(result.stats);
  expect([codes.intact(), values.intact(), stats.intact()]).toEqual([true, true, true]);
  expect([...memory.float32(src, input.length)]).toEqual([...input]);
  return result;
}

function parameters(values: Float32Array | Int32Array): number {
  const pointer = memory.reserve(values.byteLength);
  memory.uint8(pointer, values.byteLength).set(new Uint8Array(values.buffer));
  return pointer;
}

const affine =
  (scales: number[], zeroPoints: number[], qmin: number, qmax: number): Loop =>
  (kernel, src, rows, cols, codes, values, stats) =>
    kernel.affineRows(
      src,
      rows,
      cols,
      parameters(Float32Array.from(scales)),
      parameters(Int32Array.from(zeroPoints)),
      qmin,
      qmax,
      codes,
      values,
      stats,
    );
const log =
  (exponents: number[], count: number): Loop =>
  (kernel, src, rows, cols, codes, values, stats) =>
    kernel.logRows(src, rows, cols, parameters(Int32Array.from(exponents)), count, codes, values, stats);
const binary =
  (scales: number[]): Loop =>
  (kernel, src, rows, cols, codes, values, stats) =>
    kernel.binaryRows(src, rows, cols, parameters(Float32Array.from(scales)), codes, values, stats);

const LOOPS: Record<string, (rows: number) => Loop> = {
  'affineRows int8': (rows) => affine(Array(rows).fill(0.01), Array(rows).fill(0), -127, 127),
  'affineRows uint8': (rows) => affine(Array(rows).fill(0.02), Array(rows).fill(77), 0, 255),
  'affineRows int4': (rows) => affine(Array(rows).fill(0.3), Array(rows).fill(0), -7, 7),
  'affineRows, each row its own': (rows) =>
    affine(
      Array.from({ length: rows }, (_, r) => 0.01 * (r + 1)),
      Array.from({ length: rows }, (_, r) => r),
      -128,
      127,
    ),
  'logRows 7': (rows) =>
    log(
      Array.from({ length: rows }, (_, r) => r),
      7,
    ),
  'logRows 1': (rows) => log(Array(rows).fill(-3), 1),
  'logRows near the least exponent': (rows) => log(Array(rows).fill(-120), 7),
  binaryRows: (rows) => binary(Array.from({ length: rows }, (_, r) => 0.1 * (r + 1))),
};

describe.each(['simd', 'twin'] as const)('%s', (name) => {
  const kernel = () => kernels[name];

  it('affineRows rounds ties to even and divides, as QuantizeLinear does', () => {
    const input = Float32Array.of(
      0.5,
      1.5,
      2.5,
      -0.5,
      -1.5,
      -2.5,
      126.5,
      127.5,
      -127.5,
      1e9,
      -1e9,
      0.49999997,
      3.5,
      4.5,
      5.5,
      6.5,
      7.5,
      -3.5,
    );
    const { codes, values } = run(kernel(), affine([1], [0], -127, 127), input, 1);
    const expected = [0, 2, 2, -0, -2, -2, 126, 127, -127, 127, -127, 0, 4, 4, 6, 6, 8, -4].map((v) => v + 0);
    expect(values).toEqual(expected);
    expect(codes).toEqual(expected.map((code) => code & 0xff));
    // Multiplying by the reciprocal would give another code now and then.
    const ratios = Float32Array.from({ length: 5000 }, (_, i) => (i + 0.5) * 0.02);
    const divided = [...ratios].map((x) => Math.fround(x / Math.fround(0.02)));
    const rounded = divided.map((q) => (q % 1 === 0.5 ? 2 * Math.round(q / 2) : Math.round(q)));
    expect(run(kernel(), affine([0.02], [0], -1e6, 1e6), ratios, 1).codes).toEqual(
      rounded.map((q) => q & 0xff),
    );
  });

  it('affineRows represents zero exactly whatever the zero point', () => {
    for (const zeroPoint of [0, 1, 100, 255]) {
      const { codes, values } = run(kernel(), affine([0.013], [zeroPoint], 0, 255), new Float32Array(20), 1);
      expect(new Set(codes)).toEqual(new Set([zeroPoint]));
      expect(new Set(values)).toEqual(new Set([0]));
    }
  });

  it('logRows takes the nearest power of two by value, half way up', () => {
    const input = Float32Array.of(
      1,
      1.49,
      1.5,
      2,
      2.9,
      3,
      8,
      100,
      0.5,
      0.03125,
      0.0624,
      0.03124,
      0,
      -0,
      -1,
      -1.5,
      -100,
      -0.04,
    );
    const { values, codes } = run(kernel(), log([2], 7), input, 1);
    expect(values).toEqual([1, 1, 2, 2, 2, 4, 4, 4, 0.5, 0.0625, 0.0625, 0, 0, 0, -1, -2, -4, -0.0625]);
    expect(codes).toEqual([5, 5, 6, 6, 6, 7, 7, 7, 4, 1, 1, 0, 0, 0, 13, 14, 15, 9]);
  });

  it('binaryRows takes the sign, plus for zeros', () => {
    const input = Float32Array.of(0, -0, 1e-45, -1e-45, 5, -5);
    const { values, codes } = run(kernel(), binary([0.25]), input, 1);
    expect(values).toEqual([0.25, 0.25, 0.25, -0.25, 0.25, -0.25]);
    expect(codes).toEqual([1, 1, 1, 0, 1, 0]);
  });

  it.each(Object.keys(LOOPS))('%s measures what it does', (loop) => {
    for (const rows of [1, 3]) {
      const input = weights(rows * 1061, 0.6, 7);
      const { values, stats } = run(kernel(), LOOPS[loop]!(rows), input, rows);
      for (let r = 0; r < rows; r++) {
        const row = values.slice(r * 1061, (r + 1) * 1061);
        const errors = row.map((value, i) => input[r * 1061 + i]! - value);
        const squares = (list: number[]) => list.reduce((sum, value) => sum + value * value, 0);
        expect(stats[3 * r]! / squares(errors)).toBeCloseTo(1, 5);
        // Squares of numbers below 2^-63 vanish in float32.
        if (squares(row) > 1e-30) expect(stats[3 * r + 1]! / squares(row)).toBeCloseTo(1, 5);
        expect(stats[3 * r + 2]).toBeCloseTo(Math.max(...errors.map(Math.abs)), 5);
      }
    }
  });

  it.each(Object.keys(LOOPS))('%s leaves its own values alone', (loop) => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -4, max: 4 }), { maxLength: 40 }), (list) => {
        const once = run(kernel(), LOOPS[loop]!(1), Float32Array.from(list), 1);
        const twice = run(kernel(), LOOPS[loop]!(1), Float32Array.from(once.values), 1);
        expect(twice.values).toEqual(once.values);
        expect(twice.stats[0]).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('affineRows errs by half a step at most within the range', () => {
    const input = weights(5000, 0.2, 3).map((x) => Math.max(-1.27, Math.min(1.27, x)));
    const { stats } = run(kernel(), affine([0.01], [0], -127, 127), input, 1);
    expect(stats[2]).toBeLessThanOrEqual(0.005 * (1 + 1e-5));
  });

  it('rangeRows finds ends and sums', () => {
    for (const cols of LENGTHS) {
      memory.reset();
      const input = weights(2 * cols, 3, cols + 1);
      const src = place(input);
      const stats = guarded(64);
      expect(kernel().rangeRows(src, 2, cols, stats.pointer)).toBe(0);
      const got = memory.float64(stats.pointer, 8);
      for (const r of [0, 1]) {
        const row = [...input.subarray(r * cols, (r + 1) * cols)];
        expect(got[4 * r]).toBe(Math.min(...row));
        expect(got[4 * r + 1]).toBe(Math.max(...row));
        expect(got[4 * r + 2]).toBeCloseTo(
          row.reduce((sum, x) => sum + Math.abs(x), 0),
          2,
        );
        expect(got[4 * r + 3]).toBeCloseTo(
          row.reduce((sum, x) => sum + x * x, 0),
          1,
        );
      }
      expect(stats.intact()).toBe(true);
    }
  });

  it.each(NOT_NUMBERS)('rangeRows notices %d anywhere', (bad) => {
    for (const cols of [1, 16, 17, 40]) {
      for (let at = 0; at < cols; at++) {
        memory.reset();
        const input = weights(cols, 1, 1);
        input[at] = bad;
        expect(kernel().rangeRows(place(input), 1, cols, guarded(32).pointer)).toBe(1);
      }
    }
  });

  it('histogram counts every element once, in the bin it belongs to', () => {
    for (const count of LENGTHS) {
      memory.reset();
      const input = weights(count, 1, count + 5);
      const counts = guarded(40);
      memory.uint32(counts.pointer, 10).fill(0);
      kernel().histogram(place(input), count, -2, 2, 10, counts.pointer);
      const expected = Array<number>(10).fill(0);
      for (const x of input) expected[Math.max(0, Math.min(9, Math.floor((x + 2) * 2.5)))]!++;
      expect([...memory.uint32(counts.pointer, 10)]).toEqual(expected);
      expect(counts.intact()).toBe(true);
    }
  });

  it('maxAbsDifference finds the largest, wherever it is', () => {
    for (const count of LENGTHS.slice(1)) {
      memory.reset();
      const a = weights(count, 1, 1);
      const b = Float32Array.from(a);
      b[count - 1]! += 0.5;
      expect(kernel().maxAbsDifference(place(a), place(b), count)).toBe(
        Math.abs(Math.fround(a[count - 1]! - b[count - 1]!)),
      );
    }
    expect(kernel().maxAbsDifference(64, 64, 0)).toBe(0);
  });

  it('channelMajor moves every element to its place', () => {
    for (const [outer, channels, inner] of [
      [1, 1, 1],
      [3, 5, 1],
      [17, 33, 1],
      [4, 3, 7],
      [2, 1, 9],
      [0, 3, 1],
    ] as const) {
      memory.reset();
      const count = outer * channels * inner;
      const target = guarded(count * 4);
      kernel().channelMajor(
        place(Float32Array.from({ length: count }, (_, i) => i)),
        target.pointer,
        outer,
        channels,
        inner,
      );
      const got = memory.float32(target.pointer, count);
      for (let o = 0; o < outer; o++)
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < inner; i++)
            expect(got[(c * outer + o) * inner + i]).toBe((o * channels + c) * inner + i);
      expect(target.intact()).toBe(true);
    }
  });

  it('halfToFloat knows all 65,536 halves', () => {
    memory.reset();
    const src = memory.reserve(131_072);
    new Uint16Array(memory.memory.buffer, src, 65_536).set(Uint16Array.from({ length: 65_536 }, (_, i) => i));
    const target = guarded(262_144);
    kernel().halfToFloat(src, target.pointer, 65_536);
    expect([...memory.float32(target.pointer, 65_536)]).toEqual(
      Array.from({ length: 65_536 }, (_, i) => unpackHalf(i)),
    );
    expect(target.intact()).toBe(true);
  });

  it('bfloatToFloat and doubleToFloat convert every length', () => {
    for (const count of LENGTHS) {
      memory.reset();
      const doubles = Float64Array.from(weights(count, 1, 2), (x) => x * 1.0000001);
      const src = memory.reserve(count * 8);
      const target = guarded(count * 4);
      memory.float64(src, count).set(doubles);
      kernel().doubleToFloat(src, target.pointer, count);
      expect([...memory.float32(target.pointer, count)]).toEqual([...Float32Array.from(doubles)]);
      const floats = weights(count, 1, 3);
      new Uint16Array(memory.memory.buffer, src, count).set(
        new Uint16Array(floats.buffer).filter((_, i) => i % 2 === 1),
      );
      kernel().bfloatToFloat(src, target.pointer, count);
      const cut = new Uint32Array(floats.buffer).map((bits) => bits & 0xffff0000);
      expect([...memory.float32(target.pointer, count)]).toEqual([...new Float32Array(cut.buffer)]);
      expect(target.intact()).toBe(true);
    }
  });
});

describe('simd and twin, bit for bit', () => {
  it.each(Object.keys(LOOPS))('%s', (loop) => {
    for (const rows of [1, 3]) {
      for (const cols of LENGTHS) {
        for (const [deviation, awkward] of [
          [1, []],
          [1e-3, AWKWARD],
          [1e4, AWKWARD],
          [1e-38, []],
          [0, []],
          [1, NOT_NUMBERS],
        ] as const) {
          const input = weights(rows * cols, deviation, cols, awkward);
          const simd = run(kernels.simd, LOOPS[loop]!(rows), input, rows);
          expect(run(kernels.twin, LOOPS[loop]!(rows), input, rows)).toEqual(simd);
        }
      }
    }
  });

  it('rangeRows', () => {
    for (const cols of LENGTHS) {
      for (const awkward of [[], AWKWARD]) {
        memory.reset();
        const src = place(weights(2 * cols, 0.1, cols, awkward));
        const results = [kernels.simd, kernels.twin].map((kernel) => {
          const stats = guarded(64).pointer;
          return [kernel.rangeRows(src, 2, cols, stats), ...memory.float64(stats, 8)];
        });
        expect(results[0]!.map((x) => x + 0)).toEqual(results[1]!.map((x) => x + 0));
      }
    }
  });

  it('histogram', () => {
    memory.reset();
    const src = place(weights(5000, 1, 1, [...AWKWARD, ...NOT_NUMBERS]));
    const results = [kernels.simd, kernels.twin].map((kernel) => {
      const counts = guarded(4 * 2048).pointer;
      memory.uint32(counts, 2048).fill(0);
      kernel.histogram(src, 5000, -1.7, 2.3, 2048, counts);
      return [...memory.uint32(counts, 2048)];
    });
    expect(results[0]).toEqual(results[1]);
  });

  it('halfToFloat keeps the payload of every NaN', () => {
    memory.reset();
    const src = memory.reserve(131_072);
    new Uint16Array(memory.memory.buffer, src, 65_536).set(Uint16Array.from({ length: 65_536 }, (_, i) => i));
    const [a, b] = [kernels.simd, kernels.twin].map((kernel) => {
      const target = memory.reserve(262_144);
      kernel.halfToFloat(src, target, 65_536);
      return memory.int32(target, 65_536);
    });
    expect(a).toEqual(b);
  });

  it('cover every function of the kernel', () => {
    const covered = readFileSync(__filename, 'utf8');
    for (const name of Object.keys(kernels.twin)) {
      expect(kernels.simd, name).toHaveProperty(name);
      expect(covered.split(`.${name}(`).length, `${name} is called by the suite`).toBeGreaterThan(1);
    }
  });
});

describe('KernelMemory', () => {
  it('hands out areas that do not overlap and grows', () => {
    const area = new KernelMemory();
    const first = area.reserve(1);
    const second = area.reserve(3_000_000);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    area.float32(second, 750_000).fill(1);
    expect(area.uint8(first, 1)[0]).toBe(0);
    area.reset();
    expect(area.reserve(8)).toBe(first);
  });

  it('says that 4 GiB are not to be had', () => {
    expect(() => new KernelMemory().reserve(2 ** 32)).toThrow('cannot hold 4294967296 more bytes');
  });
});
