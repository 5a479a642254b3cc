import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/engine/data/random';
import { proposeShapes, syntheticFeed } from '../../../../src/engine/data/syntheticInputs';
import { formatShape } from '../../../../src/core/report/format';

const input = (shape: (number | string | null)[], elementType = 'float32') => ({
  name: 'x',
  elementType,
  shape,
});

describe('synthetic inputs', () => {
  it('take a batch of one, and for a leading length some', () => {
    const first = (shape: (number | string | null)[]) =>
      formatShape(proposeShapes([input(shape)], {})[0]!['x']!);
    expect([first(['N', 10]), first([null, 10]), first(['batch_frames', 10])]).toEqual(
      Array(3).fill('[1, 10]'),
    );
    expect(first(['frames', 10])).toBe('[512, 10]');
  });

  it('of text are refused with the ways out', () => {
    expect(() => syntheticFeed(input([1], 'string'), [1], new Random(1))).toThrow(
      /takes text.* name data .*<U.* or export without running the model \(--no-verify/,
    );
  });
});
