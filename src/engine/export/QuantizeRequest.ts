import type { ExportRequest } from '../../protocol/engineApi';

/** The part of an export's request that quantizing the model takes. */
export interface QuantizeRequest extends Pick<
  ExportRequest,
  'path' | 'recipe' | 'verify' | 'cache' | 'saveOverlay'
> {
  /** A folder for what is only needed meanwhile. */
  readonly temporary: string;
}

/** Whether the model is run at all: to compare, or to observe activations, which cannot be quantized without. */
export function runsModel({ verify, recipe }: Pick<ExportRequest, 'verify' | 'recipe'>): boolean {
  return verify || recipe.activations !== null;
}
