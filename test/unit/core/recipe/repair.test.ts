import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRepair, REPAIR_PASSES, withPass } from '../../../../src/core/recipe/repair';

it('a choice gets one pass more, whatever it is', () => {
  const choices = fc.oneof(
    fc.constantFrom('off', 'auto'),
    fc.subarray([...REPAIR_PASSES], { minLength: 1 }).map((passes) => passes.join(',')),
  );
  fc.assert(
    fc.property(choices, fc.constantFrom(...REPAIR_PASSES), (choice, pass) => {
      expect(parseRepair(withPass(choice, pass))).toEqual(new Set([...parseRepair(choice)!, pass]));
    }),
  );
  expect(withPass('auto', 'gptq')).toBe('auto');
  expect(withPass('kernels,gptq', 'bias')).toBe('gptq,bias,kernels');
});
