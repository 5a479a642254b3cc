/** Layer output error of every layer and scheme, from one streaming pass over the samples. */
import { judgedInputs, roundingInputs } from '../recovery/rounding/roundingInputs';
import { CancelledError, type JobContext } from '../../base/rpc';
import type { MeasurementBatch, OutputRequest } from '../../core/measure/MeasureRequest';
import type { LayerMeasurement } from '../../core/measure/Measurement';
import { UserError } from '../../base/UserError';
import { weightOf, type OpenModel } from '../models/OpenModels';
import type { ThreadPool } from '../threads/ThreadPool';
import type { RequestMoments } from './MomentsCache';

/**
 * Every cell of the heatmap; the model is not run any more.
 * @param moments of the same model, by layer
 * @throws CancelledError
 */
export async function layerSensitivity(
  model: OpenModel,
  moments: RequestMoments,
  { layers, schemes, inputs }: Pick<OutputRequest, 'layers' | 'schemes'> & Pick<LayerMeasurement, 'inputs'>,
  pool: ThreadPool,
  { signal, progress }: JobContext<MeasurementBatch>,
): Promise<void> {
  let done = 0;
  const measure = async (layer: string): Promise<LayerMeasurement> => {
    const none = { level: 'layer', layer, errors: {}, inputs } as const;
    const measured = moments.measured.get(layer)!;
    const fitted = moments.fitted?.get(layer);
    try {
      const errors = await pool.use((thread) => {
        // Made here, as it is a copy: not before a thread takes it.
        const wanted = fitted ? roundingInputs(model, fitted, measured) : judgedInputs(model, measured);
        if (typeof wanted === 'string') throw new UserError(`Its own output error is not known: ${wanted}.`);
        return thread.run(
          weightOf(model, layer),
          'outputErrors',
          { fitted: null, ...wanted, schemes },
          { signal },
        );
      });
      return { ...none, errors, problem: null };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { ...none, problem: error.message };
    }
  };
  await Promise.all(
    layers.map(async (layer) => {
      if (signal.aborted) throw new CancelledError();
      const measurement = await measure(layer);
      progress({ measurements: [measurement], done: ++done, total: layers.length });
    }),
  );
}
