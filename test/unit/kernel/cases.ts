import type { Kernel } from '../../../src/kernel/Kernel';
import type { Arena } from './Arena';
import { LOOPS, runIn } from './loops';
import { AWKWARD, LENGTHS, NOT_NUMBERS, weights } from './samples';

/** Runs one function of a kernel on many inputs; stops after each, with the outputs in the arena and the input's name. */
type Cases = (kernel: Kernel, arena: Arena) => Generator<string>;

/** Weights of several magnitudes, with what has tripped quantizers before; constant ones; and with NaN and infinities. */
function* inputs(count: number): Generator<Float32Array> {
  yield weights(count, 1, count);
  yield weights(count, 1e-3, count + 1, AWKWARD);
  yield weights(count, 1e4, count + 2, AWKWARD);
  yield weights(count, 1e-38, count + 3);
  yield weights(count, 1e38, count + 4);
  yield weights(count, 2, count + 5).map((x) => Math.round(x * 4) / 4);
  yield new Float32Array(count).fill(-0);
  yield new Float32Array(count).fill(0.37);
  yield weights(count, 1, count + 6, [...AWKWARD, ...NOT_NUMBERS]);
}

/** One row of every length, and some shapes with several. */
const SHAPES: readonly (readonly [rows: number, cols: number])[] = [
  ...LENGTHS.map((cols) => [1, cols] as const),
  ...[0, 1, 9, 16, 67, 1025].map((cols) => [3, cols] as const),
  [0, 0],
  [300, 1],
  [65, 17],
];

const WANTED = [
  { codes: true, values: true },
  { codes: true, values: false },
  { codes: false, values: true },
  { codes: false, values: false },
];

/** All quantizing loops whose name begins with the function's. */
function quantizing(name: keyof Kernel): Cases {
  return function* (kernel, arena) {
    for (const [title, { loop, codeBytes }] of Object.entries(LOOPS).filter(([title]) =>
      title.startsWith(name),
    )) {
      for (const [rows, cols] of SHAPES) {
        let which = 0;
        for (const input of inputs(rows * cols)) {
          for (const wanted of cols === 67 ? WANTED : [WANTED[which++ % WANTED.length]!]) {
            const { stats } = runIn(arena, kernel, loop(rows), input, rows, wanted, codeBytes);
            canonical(arena, stats, rows * 3);
            yield `${title}, ${rows} x ${cols}, input ${which}, ${JSON.stringify(wanted)}`;
          }
        }
      }
    }
  };
}

/** Which NaN a sum is depends on the engine: its sign and payload are not part of the result. */
function canonical(arena: Arena, stats: number, count: number): void {
  const view = arena.memory.float64(stats, count);
  view.forEach((value, i) => (view[i] = Number.isNaN(value) ? NaN : value));
}

/** A conversion from numbers of `bytes` bytes each, given as bit patterns, at aligned and other addresses. */
function conversion(name: 'halfToFloat' | 'bfloatToFloat' | 'doubleToFloat', bytes: number): Cases {
  return function* (kernel, arena) {
    for (const count of LENGTHS) {
      for (const offset of [0, 1, 2, 4]) {
        arena.reset();
        const source = conversionSource(name, count);
        const src = arena.input(new Uint8Array(source.buffer, 0, count * bytes), offset);
        kernel[name](src, arena.output(count * 4), count);
        yield `${count} at ${offset}`;
      }
    }
  };
}

function conversionSource(name: string, count: number): Float64Array | Uint16Array {
  const numbers = weights(count, 1, count, [...AWKWARD, Infinity, -Infinity]);
  if (name === 'doubleToFloat') return Float64Array.from(numbers, (x) => x * (1 + 2 ** -24));
  return Uint16Array.from(new Uint32Array(numbers.buffer), (bits) => bits >>> 16);
}

/** For every function of the kernel, what is compared between the implementations bit for bit. */
export const CASES: { readonly [F in keyof Kernel]: Cases } = {
  affineRows: quantizing('affineRows'),
  logRows: quantizing('logRows'),
  floatRows: quantizing('floatRows'),
  tableRows: quantizing('tableRows'),
  stochasticRows: quantizing('stochasticRows'),
  binaryRows: quantizing('binaryRows'),
  halfToFloat: conversion('halfToFloat', 2),
  bfloatToFloat: conversion('bfloatToFloat', 2),
  doubleToFloat: conversion('doubleToFloat', 8),

  *rangeRows(kernel, arena) {
    for (const [rows, cols] of SHAPES) {
      for (const input of inputs(rows * cols)) {
        arena.reset();
        const stats = arena.output(rows * 32);
        const found = kernel.rangeRows(arena.input(input, 4), rows, cols, stats);
        canonical(arena, stats, rows * 4);
        yield `${rows} x ${cols}, returns ${found}`;
      }
    }
  },

  *errorRows(kernel, arena) {
    for (const [rows, cols] of SHAPES) {
      for (const input of inputs(rows * cols)) {
        arena.reset();
        const values = arena.input(input.map((x, i) => Math.fround(x * (1 + 0.01 * (i % 3)))));
        const stats = arena.output(rows * 24);
        kernel.errorRows(arena.input(input, 4), values, rows, cols, stats);
        canonical(arena, stats, rows * 3);
        yield `${rows} x ${cols}`;
      }
    }
  },

  *nearestEntries(kernel, arena) {
    for (const dimension of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const entries of [1, 2, 3, 4, 5, 16, 37, 256]) {
        for (const count of [0, 1, 3, 4, 5, 17, 130]) {
          for (const [gap, sums] of [
            [0, true],
            [3, true],
            [0, false],
          ] as const) {
            arena.reset();
            const stride = dimension + gap;
            // Few distinct numbers, so that many distances are equal.
            const few = (length: number, seed: number) => weights(length, 2, seed).map(Math.round);
            const src = arena.input(few(count * stride, count), 4);
            const codebook = arena.input(few(entries * dimension, entries), 4);
            const codes = arena.output(count * (gap + 1), 3);
            arena.memory.uint8(codes, count * (gap + 1)).fill(0);
            const sumArea = sums ? arena.output(entries * dimension * 8) : 0;
            const counts = sums ? arena.output(entries * 4) : 0;
            if (sums) {
              arena.memory.float64(sumArea, entries * dimension).fill(0.5);
              arena.memory.uint32(counts, entries).fill(1);
            }
            const total = kernel.nearestEntries(
              ...([src, count, stride, dimension, codebook, entries] as const),
              ...([codes, gap + 1, sumArea, counts] as const),
            );
            yield `${count} of ${dimension} by ${stride}, ${entries} entries, returns ${total}`;
          }
        }
      }
    }
  },

  *entriesOf(kernel, arena) {
    for (const dimension of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const count of [0, 1, 2, 3, 4, 5, 8, 33]) {
        for (const gap of [0, 2]) {
          arena.reset();
          const codes = arena.input(
            Uint8Array.from({ length: count * (gap + 1) }, (_, i) => (i * 7) % 11),
            1,
          );
          const codebook = arena.input(weights(11 * dimension, 1, dimension), 4);
          const stride = dimension + gap;
          const target = arena.output(count * stride * 4, 4);
          arena.memory.float32(target, count * stride).fill(0);
          kernel.entriesOf(codes, gap + 1, count, stride, dimension, codebook, target);
          yield `${count} of ${dimension} by ${stride}`;
        }
      }
    }
  },

  *tallyCodes(kernel, arena) {
    for (const count of LENGTHS) {
      for (const [codeBytes, kinds] of [
        [1, 256],
        [2, 65_536],
      ] as const) {
        for (const withSums of [true, false]) {
          arena.reset();
          const list = Array.from(
            { length: count },
            (_, i) => Math.imul(i, 0x9e3779b1) >>> (32 - 8 * codeBytes),
          );
          const codes = arena.input(codeBytes === 1 ? Uint8Array.from(list) : Uint16Array.from(list));
          const counts = arena.output(kinds * 4);
          arena.memory.uint32(counts, kinds).fill(3);
          const sums = withSums ? arena.output(kinds * 8) : 0;
          if (withSums) arena.memory.float64(sums, kinds).fill(0.25);
          kernel.tallyCodes(codes, codeBytes, arena.input(weights(count, 1, count), 4), count, counts, sums);
          yield `${count} codes of ${codeBytes} bytes`;
        }
      }
    }
  },

  *histogram(kernel, arena) {
    for (const count of LENGTHS) {
      for (const input of inputs(count)) {
        for (const [lo, hi, bins] of [
          [-1.7, 2.3, 2048],
          [0, 1e-3, 1],
          [-3.4e38, 3.4e38, 10],
        ] as const) {
          arena.reset();
          const counts = arena.output(bins * 4);
          arena.memory.uint32(counts, bins).fill(7);
          kernel.histogram(arena.input(input, 4), count, lo, hi, bins, counts);
          yield `${count} in ${bins} bins from ${lo}`;
        }
      }
    }
  },

  *maxAbsDifference(kernel, arena) {
    for (const count of LENGTHS) {
      for (const input of inputs(count)) {
        arena.reset();
        const others = weights(count, 1, 9, AWKWARD);
        const most = kernel.maxAbsDifference(arena.input(input, 4), arena.input(others), count);
        yield `${count}, returns ${most}`;
      }
    }
  },

  *quadraticForms(kernel, arena) {
    for (let count = 0; count < 40; count++) {
      for (const [rows, more] of [
        [0, 0],
        [1, 0],
        [3, 7],
      ] as const) {
        arena.reset();
        const stride = count + more;
        const d = weights(rows * stride, 1, 9).map((x, i) => (i % 5 === 2 ? 0 : x));
        const matrix = Float64Array.from({ length: count * stride }, (_, i) => Math.sin(i * i));
        const totals = arena.output(rows * 8);
        arena.memory.float64(totals, rows).fill(0.5);
        kernel.quadraticForms(arena.input(d, 4), rows, stride, count, arena.input(matrix), stride, totals);
        yield `${rows} x ${count} of ${stride}`;
      }
    }
  },

  *channelMajor(kernel, arena) {
    for (const outer of [0, 1, 3, 4, 17, 33]) {
      for (const channels of [0, 1, 4, 5, 16, 35]) {
        for (const inner of [0, 1, 2, 4, 9, 16]) {
          arena.reset();
          const count = outer * channels * inner;
          const bits = Uint32Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b1));
          const target = arena.output(count * 4, 4);
          kernel.channelMajor(arena.input(bits, 4), target, outer, channels, inner);
          yield `${outer} x ${channels} x ${inner}`;
        }
      }
    }
  },
};
