import { describe, expect, it } from 'vitest';
import { noiseOf } from '../../../../src/engine/sensitivity/floatReferences';
import { OutputReference } from '../../../../src/quant/sensitivity/OutputReference';

const values = (data: readonly number[]) => ({ type: 'float32', shape: [1, data.length], data });

describe('noise at the outputs of a variant', () => {
  const outputs = new Map([
    ['y', new OutputReference(values([3, 4]))],
    ['found', new OutputReference(values([1, 2, 3]))],
    ['none', new OutputReference(values([]))],
  ]);

  it('is measured where the size is the same, as it need not be where that depends on the data', () => {
    const actual = { y: [3, 4.5], found: [1, 2], none: [] };
    const got = new Map(Object.entries(actual).map(([name, data]) => [name, values(data)]));
    const { outputs: noises, correct } = noiseOf({ values: new Map(), outputs, label: 1 }, got);
    expect(noises).toEqual([expect.objectContaining({ signal: 25, noise: 0.25 }), null, null]);
    expect(correct).toBe(true);
  });

  it('is none for an output that the variant leaves as it is', () => {
    const { outputs: noises } = noiseOf({ values: new Map(), outputs, label: null }, new Map());
    expect(noises[0]).toMatchObject({ noise: 0 });
  });
});
