import { describe, expect, it } from 'vitest';
import { batchAxes, batchText } from '../../../../src/engine/data/batchAxes';
import type { ValueSummary } from '../../../../src/core/model/model';

type Dims = ValueSummary['shape'];
type Given = Readonly<Record<string, readonly [Dims, readonly (readonly number[])[]]>>;

/** @param given the shape of each input, and of its arrays, file by file */
function decide(given: Given) {
  const inputs = Object.entries(given).map(([name, [shape]]) => ({ name, elementType: 'float32', shape }));
  const shapes = new Map(Object.entries(given).map(([name, [, arrays]]) => [name, arrays]));
  const axes = batchAxes(inputs, shapes);
  return { axes: Object.fromEntries(axes), text: batchText(inputs, axes, shapes) };
}

const recordings = [40, 43, 46].map((frames) => [frames, 10]);

describe('the batch', () => {
  it.each([
    ['by its name', ['batch_size', 10], [[6, 10]], 0],
    ['by its letter', ['N', 10], recordings, 0],
    ['by its name, behind a length', ['seq_len', 'batch', 10], [[9, 4, 10]], 1],
    ['by its letter, behind a length', ['T', 'N', 10], [[9, 4, 10]], 1],
    ['where the model takes one', [1, 10], [[6, 10]], 0],
    ['of an array of many samples', [null, 10], [[6, 10]], 0],
    [
      'of arrays of as many each, and the rest',
      ['unk__7', 10],
      [
        [6, 10],
        [6, 10],
        [2, 10],
      ],
      0,
    ],
    ['not by a name that says a length', ['frames', 10], [[40, 10]], null],
    ['not where lengths differ as those of recordings', [null, 10], recordings, null],
    ['not in a single dimension', [null], [[16_000]], null],
    ['not in a single dimension by its letter', ['N'], [[16_000]], null],
    ['in a single dimension by its name', ['batch'], [[6]], 0],
    ['not in a dimension of a fixed size', [6, 10], [[6, 10]], null],
    ['not in an input of any shape', null, [[6, 10]], null],
    ['not in a number', [], [[]], null],
  ] as const)('is found %s', (_, shape, arrays, axis) => {
    expect(decide({ x: [shape, arrays] }).axes['x']).toBe(axis);
  });

  it('is that of all inputs, by the name that they share', () => {
    const given: Given = { x: [['N', 32], [[5, 32], [7, 32]]], lengths: [['N'], [[5], [7]]] }; // prettier-ignore
    expect(decide(given).axes).toEqual({ x: 0, lengths: 0 });
  });

  it('is that of all inputs, by lengths that agree in every file', () => {
    const with2 = (lengths: readonly number[]): Given => ({
      x: [[null, 32], [[5, 32], [5, 32]]], // prettier-ignore
      y: [[null], lengths.map((length) => [length])],
    });
    expect(decide(with2([5, 5])).axes).toEqual({ x: 0, y: 0 });
    // As many altogether, in other files.
    expect(decide(with2([10])).axes).toEqual({ x: 0, y: 0 });
    expect(decide(with2([5, 4])).axes).toEqual({ x: null, y: null });
  });

  it('follows the inputs that are certain', () => {
    const beside = (ids: readonly (readonly number[])[]): Given => ({
      x: [['batch', 4], [[6, 4]]],
      ids: [[null, 4], ids],
    });
    expect(decide(beside([[6, 4]])).axes).toEqual({ x: 0, ids: 0 });
    expect(decide(beside([[9, 4]])).axes).toEqual({ x: 0, ids: null });
  });

  it('is said, where there is something to say', () => {
    expect(decide({ x: [['N', 32], [[5, 32]]], t: [['frames', 10], recordings] }).text).toBe(
      'Arrays for "x" [N, 32] are cut into samples along axis 0. Each array for "t" [frames, 10] is one sample.',
    );
    expect(decide({ x: [['N', 32], [[1, 32]]], y: [[6, 10], [[6, 10]]] }).text).toBeNull();
  });
});
