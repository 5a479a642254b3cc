import { UserError } from '../../base/UserError';
import { allFinite } from './allFinite';
import type { PatchSource } from './PatchSource';

/**
 * The states that a recurrent layer's weight R is multiplied with: those before each step, of all directions side by side.
 * @param states behind each step: [steps][directions][batch][size]
 * @param initial before the first step: [directions][batch][size]; null for zeros
 * @param reverse of each direction, whether it goes from the last step to the first
 * @throws UserError if they do not fit each other
 */
export function statePatches(
  shape: readonly number[],
  states: Float32Array,
  initial: Float32Array | null,
  reverse: readonly boolean[],
): PatchSource {
  const [steps = 0, directions = 0, batch = 0, size = 0] = shape;
  const step = directions * batch * size;
  if (directions !== reverse.length || (initial && initial.length !== step))
    throw new UserError(`The states of a recurrent layer have the shape [${shape}], which does not fit it.`);
  const inputs = directions * size;
  const vector = new Float32Array(inputs);
  return {
    positions: steps * batch,
    inputs,
    finite: allFinite(states) && (initial === null || allFinite(initial)),
    copyPart(positions, first, count, target) {
      positions.forEach((position, v) => {
        this.copy(position, vector, 0);
        target.set(vector.subarray(first, first + count), v * count);
      });
    },
    copy(position, target, at) {
      const row = position % batch;
      const turn = Math.floor(position / batch);
      for (let direction = 0; direction < directions; direction++) {
        const from = (direction * batch + row) * size;
        const to = at + direction * size;
        const before = reverse[direction] ? turn + 1 : turn - 1;
        const isFirst = before < 0 || before >= steps;
        for (let i = 0; i < size; i++)
          target[to + i] = isFirst ? (initial?.[from + i] ?? 0) : states[before * step + from + i]!;
      }
    },
  };
}
