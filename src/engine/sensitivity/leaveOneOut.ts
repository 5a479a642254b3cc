/** Model output error of a model that a recipe quantizes, whole and with one layer left in float at a time. */
import { ONNX } from '../../core/model/modelFormats';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkEmbeddable, serializeWhole } from '../../onnx/write/serializeModel';
import type { Calibration } from '../../core/recipe/calibration';
import type { ModelOutputError } from '../../core/measure/errors';
import type { Recipe } from '../../core/recipe/recipe';
import type { JobContext } from '../../base/rpc';
import { inTemporaryFolder } from '../../files/temporaryFolder';
import type { MeasurementBatch } from '../../core/measure/MeasureRequest';
import { LEAVE_ONE_OUT, type ModelMeasurement } from '../../core/measure/Measurement';
import type { Integers } from '../export/integers';
import { readModel } from '../models/OpenModels';
import { quantizeModel } from '../export/quantizeModel';
import type { Shapes } from '../data/syntheticInputs';
import type { WeightKernel } from '../weights/WeightKernel';
import type { VariantBase } from './leaveOneOutVariant';
import { modelSensitivity, type VariantThreads } from './modelSensitivity';
import { NO_LAYER } from './VariantApi';
import type { QuantizeRequest } from '../export/QuantizeRequest';

export interface LeaveOneOutRequest {
  readonly path: string;
  readonly recipe: Recipe;
  /** A folder where what is observed is kept for the next time; null for none. */
  readonly cache: string | null;
  readonly calibration: Calibration;
  readonly shapes: Shapes;
  /** Layers to be left in float; those that are so anyhow have no figure. */
  readonly layers: readonly string[];
  /** Kind of the samples. */
  readonly inputs: ModelMeasurement['inputs'];
  /** Places of the samples in their list. */
  readonly sampleIndices: readonly number[];
}

/**
 * Quantizes the model once, as an export does, and runs its variants; their figures come as progress.
 * @returns the error with nothing left in float
 * @throws UserError if the recipe does not fit, or the model does not run as it is or quantized
 * @throws CancelledError
 */
export async function leaveOneOut(
  weightKernel: WeightKernel,
  { calibration, shapes, layers, sampleIndices, inputs, ...base }: LeaveOneOutRequest,
  threads: VariantThreads,
  { signal, progress }: JobContext<MeasurementBatch>,
): Promise<ModelOutputError> {
  const { path } = base;
  // The threads read the prepared model from there.
  return inTemporaryFolder(tmpdir(), async (temporary) => {
    const alive = () => progress({ measurements: [], done: 0, total: 1 });
    const quantized = await quantizedBase(weightKernel, { ...base, temporary }, { signal, progress: alive });
    const left = layers.filter((name) => quantized.replacements.has(name));
    const model = { path, calibration, shapes, inputs: null, quantized };
    const request = {
      model,
      layers: [NO_LAYER, ...left],
      schemes: [LEAVE_ONE_OUT],
      sampleIndices,
      inputs,
      repair: null,
    };
    let whole: ModelOutputError | undefined;
    await modelSensitivity(request, threads, {
      signal,
      progress: ({ measurements, ...rest }) => {
        for (const { level, layer, errors } of measurements)
          if (level === 'model' && layer === NO_LAYER) whole = errors[LEAVE_ONE_OUT];
        progress({ ...rest, measurements: measurements.filter(({ layer }) => layer !== NO_LAYER) });
      },
    });
    return whole!;
  });
}

async function quantizedBase(
  weightKernel: WeightKernel,
  { path: source, recipe, temporary, cache }: Omit<QuantizeRequest, 'verify'>,
  context: Parameters<typeof quantizeModel>[3],
): Promise<VariantBase> {
  const original = readModel(source);
  checkEmbeddable(original.graph);
  const request = { path: source, recipe, temporary, verify: true, cache };
  const quantized = await quantizeModel(weightKernel, original, request, context);
  const { model, replacements, integers } = quantized;
  const path = join(temporary, `prepared${ONNX.extensions[0]}`);
  writeFileSync(path, serializeWhole(model.graph, model.files));
  const floatResults = integers?.plan.floatResults ?? false;
  return {
    path,
    recipe: quantized.recipe,
    replacements,
    scales: integers && allScales(integers),
    floatResults,
  };
}

/**
 * With one layer less in integers, an activation that has another's scale may need one of its own: its values are the other's, and so
 * the scale still fits.
 */
function allScales({ plan, scales }: Integers): VariantBase['scales'] {
  return new Map([
    ...scales,
    ...[...plan.scaledAs].map(([name, other]) => [name, scales.get(other)!] as const),
  ]);
}
