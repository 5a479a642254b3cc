import { describe, expect, it } from 'vitest';
import { statePatches } from '../../../../src/quant/moments/statePatches';
import { UserError } from '../../../../src/base/UserError';

const [STEPS, BATCH, SIZE] = [3, 2, 2];

/** A number that tells step, direction, row and element; steps from 1 on, 0 for what is there before the first. */
const stateOf = (step: number, direction: number, row: number, i: number) =>
  1000 * step + 100 * direction + 10 * row + i;

function numbers(steps: number, directions: number, make: typeof stateOf): Float32Array {
  const all = [];
  for (let step = 0; step < steps; step++)
    for (let direction = 0; direction < directions; direction++)
      for (let row = 0; row < BATCH; row++)
        for (let i = 0; i < SIZE; i++) all.push(make(step, direction, row, i));
  return Float32Array.from(all);
}

describe('the states that a recurrent layer multiplies', () => {
  it.each([
    ['forward', [false]],
    ['reverse', [true]],
    ['both', [false, true]],
  ])('are those before each step: %s', (_, reverse) => {
    const directions = reverse.length;
    const states = numbers(STEPS, directions, (step, ...rest) => stateOf(step + 1, ...rest));
    const initial = numbers(1, directions, (_step, ...rest) => stateOf(0, ...rest));
    const source = statePatches([STEPS, directions, BATCH, SIZE], states, initial, reverse);
    expect(source).toMatchObject({ positions: STEPS * BATCH, inputs: directions * SIZE });
    const found = Array.from({ length: source.positions }, (__, position) => {
      const vector = new Float32Array(source.inputs);
      source.copy(position, vector, 0);
      return [...vector];
    });
    const wanted = [];
    for (let step = 1; step <= STEPS; step++)
      for (let row = 0; row < BATCH; row++)
        wanted.push(
          reverse.flatMap((backwards, direction) => {
            const before = backwards ? (step === STEPS ? 0 : step + 1) : step - 1;
            return Array.from({ length: SIZE }, (__, i) => stateOf(before, direction, row, i));
          }),
        );
    expect(found).toEqual(wanted);
  });

  it('are zeros before the first step where none are given', () => {
    const source = statePatches([1, 1, 1, 2], Float32Array.of(5, 6), null, [false]);
    const vector = Float32Array.of(7, 7);
    source.copy(0, vector, 0);
    expect([...vector]).toEqual([0, 0]);
  });

  it('that do not fit are refused', () => {
    expect(() => statePatches([1, 1, 1, 2], new Float32Array(2), null, [false, true])).toThrow(UserError);
    expect(() => statePatches([1, 1, 1, 2], new Float32Array(2), new Float32Array(1), [false])).toThrow(
      UserError,
    );
  });
});
