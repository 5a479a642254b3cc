/** A model and what its weights and activations are quantized to under a recipe: all of an export but writing it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import { runsModel, type QuantizeRequest } from './QuantizeRequest';
import { codesSqnrDb } from '../../quant/integer/codesSqnrDb';
import type { LayerSummary } from '../../core/model/model';
import { schemeOf, unknownLayers } from '../../core/recipe/recipe';
import type {
  ExportProgress,
  ExportReport,
  ExportStage,
  LayerReport,
  OpsetReport,
} from '../../core/report/report';
import { CancelledError, type JobContext } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import type { SampleList } from '../data/calibrationSamples';
import { exportSamples } from './exportSamples';
import { observeIntegers, type Integers } from './integers';
import { weightOf, type OpenModel } from '../models/OpenModels';
import { openWeight } from '../weights/openWeight';
import { pauses } from '../../base/pauses';
import { prepareForIntegers, type Prepared } from './prepareForIntegers';
import { quantizeWeight } from '../weights/quantizeWeight';
import { upgradeOpset, wantedOpset } from './upgradeOpset';
import { floatValues } from '../weights/quantizedValues';
import { tooLargeTogether } from '../compare/ModelPair';
import type { VerifyOptions } from '../compare/verify';
import type { WeightKernel } from '../weights/WeightKernel';

export interface QuantizedModel {
  /** Prepared, at its final opset; its weights are float until it is rewritten. */
  readonly model: OpenModel;
  /** Quantized weights by layer. */
  readonly replacements: ReadonlyMap<string, EncodedTensor>;
  /** Null if weights alone are quantized. */
  readonly integers: Integers | null;
  /** The user's samples that the result may be compared with the source on; null for random numbers. */
  readonly samples: SampleList | null;
  readonly report: Pick<ExportReport, 'opset' | 'notes' | 'layers'>;
}

/**
 * Prepares a model for a recipe, quantizes its weights and observes its activations.
 * @param model as it was read; it may be changed
 * @param request its folder is there, and may be written to
 * @throws UserError, CancelledError
 */
export async function quantizeModel(
  bench: WeightKernel,
  model: OpenModel,
  request: QuantizeRequest,
  context: JobContext<ExportProgress>,
): Promise<QuantizedModel> {
  const { path, recipe, temporary } = request;
  const unknown = unknownLayers(recipe, model.inspection.layers)[0];
  if (unknown) throw new UserError(`The recipe is not for this model: ${unknown.message}`);
  const { inputs, opset } = model.inspection.model;
  const during = (stage: ExportStage) => ({
    source: path,
    inputs,
    shapes: recipe.shapes,
    inTurns: tooLargeTogether(model.inspection.model),
    signal: context.signal,
    progress: (fraction: number) => context.progress({ stage, fraction }),
  });
  const wantsIntegers = recipe.activations !== null;
  const { few: samples, many, notes } = exportSamples(request, inputs);
  const prepared: Prepared = wantsIntegers
    ? await prepareForIntegers(model, temporary, { ...during('preparing'), samples })
    : { model, notes: [] };
  const { replacements, layers } = await quantizeLayers(bench, prepared.model, request, context);
  const raised = await raise(prepared.model, replacements, request, { ...during('raising'), samples });
  const integers = wantsIntegers
    ? await observeIntegers(raised.model, replacements, request, during('calibrating'), (fraction) =>
        step(context, 'calibrating', fraction),
      )
    : null;
  return {
    model: raised.model,
    replacements: integers ? integers.weights : replacements,
    integers,
    samples: integers ? integers.heldOut : many,
    report: {
      opset: { ...raised.opset, source: opset },
      notes: [...prepared.notes, ...notes],
      layers: integers ? measuredAnew(bench, raised.model, replacements, integers.weights, layers) : layers,
    },
  };
}

/** Tells how far a stage is. @throws CancelledError */
export async function step(
  { signal, progress }: JobContext<ExportProgress>,
  stage: ExportStage,
  fraction: number,
): Promise<void> {
  progress({ stage, fraction });
  await nextTurn();
  if (signal.aborted) throw new CancelledError();
}

async function quantizeLayers(
  bench: WeightKernel,
  model: OpenModel,
  { recipe }: QuantizeRequest,
  { signal, progress }: JobContext<ExportProgress>,
): Promise<{ replacements: Map<string, EncodedTensor>; layers: LayerReport[] }> {
  const replacements = new Map<string, EncodedTensor>();
  const layers: LayerReport[] = [];
  const summaries = model.inspection.layers;
  const pause = pauses(signal, () =>
    progress({ stage: 'quantizing', fraction: layers.length / summaries.length }),
  );
  for (const summary of summaries) {
    layers.push(await quantizeLayer(summary));
    await pause();
  }
  return { replacements, layers };

  async function quantizeLayer({ name, quantized, bytes }: LayerSummary): Promise<LayerReport> {
    const scheme = schemeOf(recipe, name);
    const left = { name, scheme: 'float', sqnrDb: 'exact', bytesBefore: bytes, bytesAfter: bytes } as const;
    if (quantized !== null) return { ...left, note: `quantized already: ${quantized}` };
    if (scheme === 'float') return left;
    const result = await quantizeWeight(bench, weightOf(model, name), scheme, pause);
    if ('problem' in result) return { ...left, note: result.problem };
    replacements.set(name, result.tensor);
    const { sqnrDb, bytes: bytesAfter } = result.error;
    return { name, scheme, sqnrDb, bytesBefore: bytes, bytesAfter };
  }
}

/** The weight error of layers whose scales were raised for their biases (`scalesForBias`) is that of the codes they have now. */
function measuredAnew(
  bench: WeightKernel,
  model: OpenModel,
  before: ReadonlyMap<string, EncodedTensor>,
  after: ReadonlyMap<string, EncodedTensor>,
  layers: readonly LayerReport[],
): LayerReport[] {
  return layers.map((report) => {
    const tensor = after.get(report.name);
    if (tensor?.kind !== 'scalars' || tensor === before.get(report.name)) return report;
    const passes = openWeight(bench, weightOf(model, report.name));
    if ('problem' in passes) return report;
    return { ...report, sqnrDb: codesSqnrDb(floatValues(bench, passes), tensor, passes.weight.layout) };
  });
}

/** The model at the opset that its quantized weights are best at, if the recipe and the model allow it. */
async function raise(
  model: OpenModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
  request: QuantizeRequest,
  options: Omit<VerifyOptions, 'output'>,
): Promise<{ model: OpenModel; opset: OpsetReport }> {
  const { recipe, temporary } = request;
  const source = model.inspection.model.opset;
  const wanted = wantedOpset(model, replacements);
  const kept = (note: string | null) => ({ model, opset: { source, output: source, note } });
  if (recipe.opset === 'keep' || wanted <= source) return kept(null);
  const stays = (reason: string) =>
    kept(
      `The model stays at opset ${source}, with operators that do the same as those of opset ${wanted}: ${reason}.`,
    );
  if (!runsModel(request))
    return stays('whether raising it changes what it computes is only known by running it');
  options.progress(0);
  await nextTurn();
  const raised = await upgradeOpset(model, wanted, temporary, options);
  if (typeof raised === 'string') return stays(raised);
  return { model: raised, opset: { source, output: wanted, note: null } };
}
