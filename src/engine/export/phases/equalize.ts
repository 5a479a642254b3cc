import { CancelledError } from '../../../base/rpc';
import { UserError } from '../../../base/UserError';
import { isRepaired, schemeOf, type Recipe } from '../../../core/recipe/recipe';
import { formatBytes } from '../../../core/report/format';
import type { RepairReport } from '../../../core/report/report';
import type { EqualizationPair } from '../../../onnx/equalize/EqualizationPair';
import { findPairs } from '../../../onnx/equalize/findPairs';
import type { OpenModel } from '../../formats/OpenModel';
import type { RepairSamples } from '../../recovery/repairSamples';
import { changedModel } from '../changedModel';
import { EqualizationSearch, type Equalized } from '../EqualizationSearch';
import type { Phase, PhaseContext, Snapshot } from '../Phase';

/** Larger models take more memory to change than is worth it. */
const MAX_BYTES = 2 ** 28;

/**
 * The pairs that are tried together, and the dB that they must gain: more than chance, and where a Mul is put in, which takes time whenever the
 * model runs, what that is worth.
 */
const ROUNDS: readonly { readonly source: EqualizationPair['source']; readonly leastGain: number }[] = [
  { source: 'layer', leastGain: 0.2 },
  { source: 'scale', leastGain: 0.2 },
  { source: 'inserted', leastGain: 1 },
];

/**
 * Scales channels so that those of one tensor have like ranges, where the float model computes the same thereby (Nagel et al. 2019,
 * Xiao et al. 2023, Lin et al. 2024), and keeps what makes the quantized model better.
 */
export const equalize: Phase = async (snapshot, context) => {
  const { recipe, model } = snapshot;
  const { repair } = context;
  const wanted = model.inspection.layers.filter(({ name }) => isRepaired(recipe, 'equalize', name));
  if (repair === null || wanted.length === 0) return snapshot;
  const { bytes, externalBytes } = model.inspection.model;
  if (bytes + externalBytes > MAX_BYTES)
    return noted(snapshot, `models beyond ${formatBytes(MAX_BYTES)} are not equalized`);
  try {
    return await equalized(snapshot, repair, context);
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof UserError)) throw error;
    return noted(snapshot, error.message.replace(/\.$/, ''));
  }
};

async function equalized(
  snapshot: Snapshot,
  repair: RepairSamples,
  context: PhaseContext,
): Promise<Snapshot> {
  const search = new EqualizationSearch(snapshot, repair, context);
  const tried = new Set<string>();
  let best: Equalized | null = null;
  for (const { source, leastGain } of ROUNDS) {
    const model: OpenModel = best?.model ?? snapshot.model;
    const pairs = findPairs(model).filter(
      (pair) => pair.source === source && isWanted(snapshot.recipe, pair),
    );
    for (const { readers } of pairs) for (const { layer } of readers) tried.add(layer);
    if (pairs.length > 0) best = await search.improve(model, pairs, leastGain, best);
  }
  if (!search.start) return tried.size === 0 ? snapshot : noted(snapshot, NOTHING_TO_GAIN);
  const after: Equalized | null = best;
  const report: RepairReport = {
    pass: 'equalize',
    changed: after ? after.scales.size : 0,
    tried: tried.size,
    before: search.start.error,
    after: (after ?? search.best ?? search.start).error,
    kept: after !== null,
    note: after && `By ${[...new Set(after.methods)].join(', then ')}.`,
  };
  if (!after) return { ...snapshot, repairs: [...snapshot.repairs, report] };
  const changed = await changedModel(
    snapshot,
    context,
    { file: 'equalized', done: 'equalized', stage: 'preparing' },
    () => Promise.resolve({ graph: after.model.graph, files: after.model.files }),
  );
  if (typeof changed === 'string')
    return {
      ...snapshot,
      repairs: [...snapshot.repairs, { ...report, kept: false, note: `It is not kept: ${changed}.` }],
    };
  return { ...changed, repairs: [...changed.repairs, report], equalization: after.scales };
}

const NOTHING_TO_GAIN = 'by computation, no weight comes out better for it';

function noted(snapshot: Snapshot, reason: string): Snapshot {
  return { ...snapshot, notes: [...snapshot.notes, `Channels were not equalized: ${reason}.`] };
}

/** Whether the recipe wants all layers of a pair equalized, and quantizes one of them. */
function isWanted(recipe: Recipe, { layer, readers }: EqualizationPair): boolean {
  const layers = [...(layer === null ? [] : [layer]), ...readers.map((reader) => reader.layer)];
  return (
    layers.every((name) => isRepaired(recipe, 'equalize', name)) &&
    layers.some((name) => schemeOf(recipe, name) !== 'float')
  );
}
