import type { Decibels } from '../../../core/measure/Decibels';
import { isRecord } from '../../../core/recipe/findProblems';
import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { partsOf, tensorLike } from '../../recovery/overlay/encodedParts';
import type { Snapshot } from '../Phase';
import { isDecibels, type PassMemory } from './remembered';

/** Keeps weights with other codes than the nearest ones, and their errors. */
export const ROUNDED_WEIGHTS: PassMemory = {
  pass: 'gptq',

  write(before, after) {
    const changed = [...after.replacements].filter(
      ([name, tensor]) => before.replacements.get(name) !== tensor,
    );
    const errors = new Map(after.layers.map(({ name, sqnrDb }) => [name, sqnrDb]));
    return {
      weights: new Map(changed.map(([name, tensor]) => [name, partsOf(tensor)])),
      numbers: new Map(),
      facts: changed.map(([name]) => [name, errors.get(name)!]),
    };
  },

  read(before, { weights, facts }) {
    const errors = errorsOf(isRecord(facts) ? facts['own'] : null);
    if (!errors) return null;
    const replaced = new Map<string, EncodedTensor>(before.replacements);
    for (const [name, parts] of weights) {
      const nearest = before.replacements.get(name);
      const tensor = nearest && tensorLike(nearest, parts);
      if (!tensor || !errors.has(name)) return null;
      replaced.set(name, tensor);
    }
    const layers = before.layers.map((layer) => ({
      ...layer,
      sqnrDb: errors.get(layer.name) ?? layer.sqnrDb,
    }));
    return { ...before, replacements: replaced, layers } satisfies Snapshot;
  },
};

function errorsOf(value: unknown): ReadonlyMap<string, Decibels> | null {
  const isError = (each: unknown): each is [string, Decibels] =>
    Array.isArray(each) && typeof each[0] === 'string' && isDecibels(each[1]);
  return Array.isArray(value) && value.every(isError) ? new Map(value) : null;
}
