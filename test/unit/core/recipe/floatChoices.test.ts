import { describe, expect, it } from 'vitest';
import { floatChoices, leaveInFloat } from '../../../../src/core/recipe/floatChoices';
import type { Decibels } from '../../../../src/core/measure/Decibels';
import type { ModelOutputError } from '../../../../src/core/measure/errors';
import { EMPTY_RECIPE } from '../../../../src/core/recipe/recipe';
import { ACTIVATIONS, LEAVE_ONE_OUT, type ModelMeasurement } from '../../../../src/core/measure/Measurement';

const error = (sqnrDb: Decibels): ModelOutputError => ({
  sqnrDb,
  interval: null,
  klDivergence: null,
  top1Agreement: null,
  accuracy: null,
  samples: 4,
});
const errorsOf = (layer: string, figures: Record<string, Decibels>): ModelMeasurement => ({
  level: 'model',
  layer,
  errors: Object.fromEntries(Object.entries(figures).map(([scheme, db]) => [scheme, error(db)])),
  inputs: 'data',
  problem: null,
});
const recipe = { ...EMPTY_RECIPE, activations: 'uint8' };

describe('what to leave in float', () => {
  const known = [
    errorsOf('a', { int8: 12, [ACTIVATIONS]: 40 }),
    errorsOf('b', { int8: 50, [ACTIVATIONS]: 15 }),
    errorsOf('c', { int8: 45, [ACTIVATIONS]: 48 }),
    errorsOf('d', { int8: 'equal', [ACTIVATIONS]: 44 }),
  ];

  it('is what spoils the outputs much more than most, weights and inputs apart', () => {
    const choices = floatChoices(recipe, known, null);
    expect(choices.map(({ layer, parts }) => `${layer} ${parts[0]}`).slice(0, 3)).toEqual([
      'a weights',
      'b input',
      'a input',
    ]);
    const proposed = choices.filter((choice) => choice.proposed);
    expect(leaveInFloat(recipe, proposed)).toEqual({
      ...recipe,
      layers: { a: 'float' },
      layerActivations: { b: 'float' },
    });
  });

  it.each([
    [
      'all together leave the outputs well',
      ['a', 'b', 'c'].map((layer, i) => errorsOf(layer, { int8: 40 + 20 * i })),
    ],
    ['all do the same', Array.from({ length: 100 }, (_, i) => errorsOf(`l${i}`, { int8: 20 }))],
  ])('is nothing where %s', (_, all) => {
    expect(floatChoices(recipe, all, null).some(({ proposed }) => proposed)).toBe(false);
  });

  it('is what gains most, where that was measured', () => {
    const left = [
      errorsOf('a', { int8: 12, [LEAVE_ONE_OUT]: 20.5 }),
      errorsOf('b', { int8: 50, [LEAVE_ONE_OUT]: 26 }),
      errorsOf('c', { int8: 50 }),
    ];
    const choices = floatChoices(recipe, left, error(20));
    expect(choices.map(({ layer, leftDb, proposed }) => [layer, leftDb, proposed])).toEqual([
      ['b', 26, true],
      // Alone it makes nearly all of the noise.
      ['a', 20.5, true],
      ['c', undefined, false],
    ]);
    expect(leaveInFloat(recipe, choices.slice(0, 1))).toMatchObject({
      layers: { b: 'float' },
      layerActivations: { b: 'float' },
    });
  });
});
