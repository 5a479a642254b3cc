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
        [37, 2],
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

  *addOuterProducts(kernel, arena) {
    for (const [inputs, group, block] of [
      ...[1, 2, 3, 4, 5, 8, 9, 12, 23, 70].map((all) => [all, all, all] as const),
      [18, 9, 9],
      [36, 12, 5],
      [40, 40, 16],
      [21, 7, 4],
    ] as const) {
      for (const count of [0, 1, 2, 3, 7, 32, 33, 64]) {
        arena.reset();
        const vectors = arena.input(
          weights(count * inputs, 1, inputs + count).map((x) => Math.max(0, x)),
          4,
        );
        const sums = arena.output(inputs * block * 8);
        arena.memory.float64(sums, inputs * block).forEach((_, i, all) => (all[i] = i / 7));
        const scratch = arena.output(128 + (block + 3) * count * 8);
        kernel.addOuterProducts(vectors, count, inputs, group, block, 1 / 3, sums, scratch);
        arena.memory.uint8(scratch, 128 + (block + 3) * count * 8).fill(0);
        yield `${count} of ${inputs}, groups of ${group}, blocks of ${block}`;
      }
    }
  },

  *factorize(kernel, arena) {
    for (const count of [...Array(70).keys(), 97, 127, 128, 129, 130, 131, 200].map((n) => n + 1)) {
      for (const lift of [1, -4]) {
        arena.reset();
        const matrix = arena.output(count * count * 8);
        const noise = weights(count * count, 1, count);
        const numbers = arena.memory.float64(matrix, count * count);
        for (let i = 0; i < count; i++)
          for (let j = 0; j < count; j++)
            numbers[i * count + j] = noise[i * count + j]! * 0.3 + (i === j ? count * lift : 0);
        const scratch = arena.output(128 * (count + 3) * 8);
        const found = kernel.factorize(matrix, count, scratch);
        arena.memory.uint8(scratch, 128 * (count + 3) * 8).fill(0);
        if (found === 0) numbers.fill(0);
        yield `${count}, returns ${found}`;
      }
    }
  },

  *roundToSteps(kernel, arena) {
    for (const most of [1, 7, 127])
      for (const { panel, title, scales, rows } of panels(arena)) {
        const lowest = arena.input(new Float32Array(scales).fill(-most));
        const highest = arena.input(Float32Array.from({ length: scales }, (_, i) => most + (i % 3)));
        kernel.roundToSteps(...panel, lowest, highest);
        yield `${title} of ${rows}, to ${most}`;
      }
  },

  *roundToTable(kernel, arena) {
    for (const count of [1, 3, 16, 17, 200])
      for (const own of [false, true])
        for (const { panel, title, scales, rows } of panels(arena)) {
          const tables = own ? scales : 1;
          const levels = weights(tables * count, 3, count);
          for (let at = 0; at < levels.length; at += count) levels.subarray(at, at + count).sort();
          const middles = levels.map((level, i) =>
            i % count === count - 1 ? Infinity : (level + levels[i + 1]!) / 2,
          );
          const area = [arena.input(levels, 4), arena.input(middles, 4)] as const;
          kernel.roundToTable(...panel, ...area, count, own ? count : 0);
          yield `${title} of ${rows}, tables of ${count}, ${own ? 'own' : 'shared'}`;
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

/** Panels of weights to round: their pointers as the kernel takes them, and how many scales they have. */
function* panels(arena: Arena) {
  for (const rows of [4, 8, 12, 16, 20])
    for (const count of [1, 2, 9, 31, 32, 33, 70])
      for (const units of count === 70 ? [1, 5] : [1]) {
        arena.reset();
        const [targets, values, errors] = [0, 1, 2].map(() => arena.output(count * rows * 4));
        arena.memory.float32(targets!, count * rows).set(weights(count * rows, 3, count + rows));
        const shares = arena.input(weights(count * count, 0.3, count), 4);
        const unit = arena.input(Int32Array.from({ length: count }, (_, i) => (i * 3) % units));
        const scales = arena.input(weights(units * rows, 1, units).map((x) => (Math.abs(x) + 0.1) * 0.5));
        yield {
          title: `${count} positions in ${units}`,
          panel: [targets!, values!, errors!, rows, count, shares, unit, scales] as const,
          scales: units * rows,
          rows,
        };
      }
}
