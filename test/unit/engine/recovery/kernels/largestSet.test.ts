import fc from 'fast-check';
import { expect, it } from 'vitest';
import { largestSet } from '../../../../../src/engine/recovery/kernels/largestSet';

const asks = (isAllowed: (some: ReadonlySet<number>) => boolean) => {
  const asked: number[] = [];
  return {
    asked,
    isAllowed: (some: ReadonlySet<number>) => {
      asked.push(some.size);
      return Promise.resolve(isAllowed(some));
    },
  };
};

it('takes all with one question where that is allowed', async () => {
  const { asked, isAllowed } = asks(() => true);
  expect([...(await largestSet([3, 1, 2], isAllowed))]).toEqual([3, 1, 2]);
  expect(asked).toEqual([3]);
});

it('leaves out the one that is not allowed, and no other', async () => {
  const items = Array.from({ length: 40 }, (_, i) => i);
  for (const bad of [0, 17, 39]) {
    const { asked, isAllowed } = asks((some) => !some.has(bad));
    const taken = await largestSet(items, isAllowed);
    expect([...taken]).toEqual(items.filter((item) => item !== bad));
    expect(asked.length).toBeLessThan(14);
  }
});

it('never takes what is not allowed, and ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 60 }), fc.nat(100), async (costs, budget) => {
      const cost = (some: ReadonlySet<number>) => [...some].reduce((sum, i) => sum + costs[i]!, 0);
      const { asked, isAllowed } = asks((some) => cost(some) <= budget);
      const taken = await largestSet([...costs.keys()], isAllowed);
      expect(cost(taken)).toBeLessThanOrEqual(budget);
      expect(asked.length).toBeLessThanOrEqual(32);
      if (cost(new Set(costs.keys())) <= budget) expect(taken.size).toBe(costs.length);
    }),
  );
});
