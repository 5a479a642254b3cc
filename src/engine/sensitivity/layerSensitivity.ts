/** Layer output error of every layer and scheme, from one streaming pass over the samples. */
import { tensorBytes } from '../../onnx/file/tensor';
import { CancelledError, type JobContext } from '../../base/rpc';
import type { SchemeId } from '../../core/scheme/scheme';
import type { LayerOutputErrors, SensitivityBatch } from '../../core/measure/sensitivity';
import { UserError } from '../../base/UserError';
import { weightOf, type OpenModel } from '../models/OpenModels';
import type { ThreadPool } from '../threads/ThreadPool';
import type { LayerMoments } from './gatherMoments';

const NOT_FINITE = 'Its own output error is not known: it reads no finite vector on any sample.';

/**
 * Every cell of the heatmap; the model is not run any more.
 * @param known moments by layer, of the same model
 * @throws CancelledError
 */
export async function layerSensitivity(
  model: OpenModel,
  known: ReadonlyMap<string, LayerMoments>,
  layers: readonly string[],
  schemes: readonly SchemeId[],
  pool: ThreadPool,
  { signal, progress }: JobContext<SensitivityBatch>,
): Promise<void> {
  let done = 0;
  const measure = async (layer: string): Promise<LayerOutputErrors> => {
    const moments = known.get(layer)!;
    if ('problem' in moments) return { level: 'layer', layer, errors: {}, problem: moments.problem };
    // Else nothing would be taken for no error.
    if (moments.moments.count === 0) return { level: 'layer', layer, errors: {}, problem: NOT_FINITE };
    const { bias, taps } = moments.inputs;
    try {
      const errors = await pool.use((thread) =>
        thread.run(
          weightOf(model, layer),
          'outputErrors',
          // Made here, as it is a copy: not before a thread takes it.
          {
            schemes,
            moments: moments.moments.state,
            taps,
            bias: bias && new Float32Array(tensorBytes(bias, model.files).slice().buffer),
          },
          { signal },
        ),
      );
      return { level: 'layer', layer, errors, problem: null };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { level: 'layer', layer, errors: {}, problem: error.message };
    }
  };
  await Promise.all(
    layers.map(async (layer) => {
      if (signal.aborted) throw new CancelledError();
      const errors = await measure(layer);
      progress({ layers: [errors], done: ++done, total: layers.length });
    }),
  );
}
