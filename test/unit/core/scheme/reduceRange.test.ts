import { describe, expect, it } from 'vitest';
import { EMPTY_RECIPE } from '../../../../src/core/recipe/recipe';
import { withReducedRange } from '../../../../src/core/scheme/reduceRange';

describe('weights of 7 bits', () => {
  it('are those of int8 in its whole range, as default and by layer', () => {
    const layers = { a: 'int8/tensor', b: 'int8' };
    expect(withReducedRange({ ...EMPTY_RECIPE, layers })).toMatchObject({
      default: 'int8/clip2',
      layers: { a: 'int8/tensor/clip2', b: 'int8/clip2' },
    });
  });

  it.each(['float', 'int4', 'uint8', 'int8/mse', 'int8/clip2', 'int8/block32', 'fp8e4m3', 'binary'])(
    'are not those of %s',
    (scheme) => {
      expect(withReducedRange({ ...EMPTY_RECIPE, default: scheme, layers: { a: scheme } })).toEqual({
        ...EMPTY_RECIPE,
        default: scheme,
        layers: { a: scheme },
      });
    },
  );
});
