import { isRecord } from '../../../core/recipe/findProblems';
import { partsOf, tensorLike, type EncodedParts } from '../../recovery/overlay/encodedParts';
import type { RepairMemory } from '../../recovery/overlay/RepairMemory';
import type { LayerMemory } from '../../recovery/rounding/roundLayers';
import type { RoundedLayer } from '../../recovery/rounding/RoundedLayers';
import type { Snapshot } from '../Phase';
import { isDecibels, unfinished } from './remembered';
import { stateDigest } from './stateDigest';

/** Kept so often, so that a process that is ended loses no more. */
const SAVE_MS = 5000;
const PASS = 'gptq';

/** Layers one by one, so that a rounding that is cancelled goes on where it was. */
export interface RoundedLayersMemory extends LayerMemory {
  /** Keeps what was added. */
  save(): void;
}

/** @param memory null to keep nothing */
export function roundedLayers(memory: RepairMemory | null, snapshot: Snapshot): RoundedLayersMemory {
  if (!memory) return { known: new Map(), add: () => undefined, save: () => undefined };
  const begins = stateDigest(snapshot, PASS);
  const found = memory.find(unfinished(PASS), begins);
  // What is saved beside a model is whole, or not ours.
  const known =
    found && !found.isSaved ? layersOf(snapshot, found.result.weights, found.result.facts) : new Map();
  const all = new Map<string, RoundedLayer | string>(known);
  let [saved, time] = [all.size, performance.now()];
  const save = () => {
    if (all.size === saved) return;
    [saved, time] = [all.size, performance.now()];
    const weights = [...all].flatMap(([name, each]) =>
      typeof each === 'string' ? [] : [[name, partsOf(each.tensor)] as const],
    );
    const facts = [...all].map(([name, each]) => [
      name,
      typeof each === 'string' ? { left: each } : each.sqnrDb,
    ]);
    memory.keep(unfinished(PASS), { begins, weights: new Map(weights), numbers: new Map(), facts });
  };
  return {
    known,
    add(layer, result) {
      all.set(layer, result);
      if (performance.now() - time > SAVE_MS) save();
    },
    save,
  };
}

/** Those of the layers that are as they should be. */
function layersOf(
  { replacements }: Snapshot,
  weights: ReadonlyMap<string, EncodedParts>,
  facts: unknown,
): ReadonlyMap<string, RoundedLayer | string> {
  const layers = new Map<string, RoundedLayer | string>();
  for (const entry of Array.isArray(facts) ? (facts as unknown[]) : []) {
    const [name, result] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name !== 'string') continue;
    if (isRecord(result) && typeof result['left'] === 'string') layers.set(name, result['left']);
    const [nearest, parts] = [replacements.get(name), weights.get(name)];
    const tensor = nearest && parts && tensorLike(nearest, parts);
    if (tensor && isDecibels(result)) layers.set(name, { tensor, sqnrDb: result });
  }
  return layers;
}
