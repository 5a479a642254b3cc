import { pauses } from '../../../base/pauses';
import type { JobContext } from '../../../base/rpc';
import type { ExportProgress } from '../../../core/report/report';
import type { OpenModel } from '../../formats/OpenModel';
import { overlayOrigin } from '../../recovery/overlay/overlayOrigin';
import { savedOverlay } from '../../recovery/overlay/overlayFile';
import { RepairMemory } from '../../recovery/overlay/RepairMemory';
import type { RepairSamples } from '../../recovery/repairSamples';
import type { QuantizeRequest } from '../QuantizeRequest';

export interface OpenMemory {
  /** Null where nothing is repaired, or nothing of it is to be kept. */
  readonly memory: RepairMemory | null;
  /** Why saved repairs are not used, in sentences for the user. */
  readonly notes: readonly string[];
}

/** Opens what is remembered of repairs. @throws UserError if a file cannot be read; CancelledError */
export async function openMemory(
  { path, recipe, cache, saveOverlay = false }: QuantizeRequest,
  model: OpenModel,
  repair: RepairSamples | null,
  { signal, progress }: JobContext<ExportProgress>,
): Promise<OpenMemory> {
  const { overlay: digest } = recipe;
  if (repair === null || (cache === null && digest === null && !saveOverlay))
    return { memory: null, notes: [] };
  const pause = pauses(signal, () => progress({ stage: 'preparing', fraction: 0 }));
  const origin = await overlayOrigin(path, model, recipe, repair, pause);
  const saved = digest === null ? null : savedOverlay(path, digest, origin);
  const overlay = typeof saved === 'string' ? null : saved;
  const notes = typeof saved === 'string' ? [saved] : [];
  return { memory: await RepairMemory.open(cache, origin, overlay, pause), notes };
}
