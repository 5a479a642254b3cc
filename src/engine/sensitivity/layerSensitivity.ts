/** Layer output error of every layer and scheme, from one streaming pass over the samples. */
import { channelBias } from '../../onnx/read/channelBias';
import { CancelledError, type JobContext } from '../../base/rpc';
import type { MeasurementBatch, OutputRequest } from '../../core/measure/MeasureRequest';
import type { LayerMeasurement } from '../../core/measure/Measurement';
import { UserError } from '../../base/UserError';
import { weightOf, type OpenModel } from '../models/OpenModels';
import type { ThreadPool } from '../threads/ThreadPool';
import type { LayerMoments } from '../moments/gatherMoments';

const NOT_FINITE = 'it reads no finite vector on any sample';

/**
 * Every cell of the heatmap; the model is not run any more.
 * @param moments of the same model, by layer
 * @throws CancelledError
 */
export async function layerSensitivity(
  model: OpenModel,
  moments: ReadonlyMap<string, LayerMoments>,
  { layers, schemes, inputs }: Pick<OutputRequest, 'layers' | 'schemes'> & Pick<LayerMeasurement, 'inputs'>,
  pool: ThreadPool,
  { signal, progress }: JobContext<MeasurementBatch>,
): Promise<void> {
  let done = 0;
  const measure = async (layer: string): Promise<LayerMeasurement> => {
    const found = moments.get(layer)!;
    const none = { level: 'layer', layer, errors: {}, inputs } as const;
    if ('reason' in found) return { ...none, problem: unknown(found.reason) };
    // Else nothing would be taken for no error.
    if (found.moments.count === 0) return { ...none, problem: unknown(NOT_FINITE) };
    const { bias, channels, taps } = found.inputs;
    try {
      const errors = await pool.use((thread) =>
        thread.run(
          weightOf(model, layer),
          'outputErrors',
          // Made here, as it is a copy: not before a thread takes it.
          {
            schemes,
            moments: found.moments.state,
            taps,
            bias: bias && channelBias(bias, channels, model.files),
          },
          { signal },
        ),
      );
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

function unknown(reason: string): string {
  return `Its own output error is not known: ${reason}.`;
}
