import type { JobContext } from '../../base/rpc';
import type { MeasurementBatch, MeasurementSummary, WeightRequest } from '../../core/measure/MeasureRequest';
import type { WeightMeasurement } from '../../core/measure/Measurement';
import { openedWeight, type OpenedModel } from '../models/OpenedModel';
import type { ThreadPool } from '../threads/ThreadPool';

/** Progress goes out at most ten times a second. */
const PROGRESS_MS = 100;
/** A layer with more than this share of all weights would keep one thread busy when the others are done, if it came late. */
const LARGE = 0.05;

/**
 * Weight error of layers under schemes, as many layers at a time as there are threads.
 * @throws UserError if the model lacks a layer
 * @throws CancelledError
 */
export async function weightSensitivity(
  model: OpenedModel,
  { layers, schemes }: WeightRequest,
  pool: ThreadPool,
  { signal, progress }: JobContext<MeasurementBatch>,
): Promise<MeasurementSummary> {
  let batch: WeightMeasurement[] = [];
  let done = 0;
  let last = performance.now();
  const flush = () => {
    progress({ measurements: batch, done, total: layers.length });
    batch = [];
  };
  // A single layer is one that someone has just chosen a scheme for.
  const use: ThreadPool['use'] = (job) => (layers.length === 1 ? pool.useNext(job) : pool.use(job));
  const measure = async (name: string) => {
    const measurement = await use((thread) =>
      thread.run(openedWeight(model, name), 'analyse', { name, schemes }, { signal }),
    );
    // Not before the wait: the batch may be another one by then.
    batch.push(measurement);
    done++;
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    flush();
  };
  // The first failure, which may be the cancellation, ends all: those behind it find their signal aborted or their thread busy no more.
  await Promise.all(largeFirst(model, layers).map(measure));
  flush();
  return { inputs: 'none', samples: 0, stability: {}, recipe: null };
}

/** The large layers first, the others in their order. */
function largeFirst(model: OpenedModel, layers: readonly string[]): string[] {
  const sizes = new Map(model.inspection.layers.map(({ name, parameters }) => [name, parameters]));
  const size = (name: string) => sizes.get(name) ?? 0;
  const large = LARGE * layers.reduce((sum, name) => sum + size(name), 0);
  const rank = (name: string) => (size(name) > large ? size(name) : 0);
  return layers.toSorted((a, b) => rank(b) - rank(a));
}
