import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportRequest } from '../shared/engineApi';
import type { LayerSummary } from '../shared/model';
import type { EncodedTensor } from '../quant/EncodedTensor';
import { rewriteModel } from '../onnx/rewriteModel';
import { LARGEST_EMBEDDED, serializeModel } from '../onnx/serializeModel';
import { schemeOf, unknownLayers } from '../shared/recipe';
import {
  SLOWER,
  type ExportProgress,
  type ExportReport,
  type ExportStage,
  type IntegerReport,
  type LayerReport,
  type OpsetReport,
} from '../shared/report';
import { CancelledError, type JobContext } from '../shared/rpc';
import { UserError } from '../shared/UserError';
import { readModel, weightOf, type OpenModel } from './OpenModels';
import { checkOutput, externalName, protectSources } from './exportPath';
import { exportSamples } from './exportSamples';
import { pauses } from './pauses';
import { countIntegerKernels } from './integerKernels';
import { compareLayerTimes } from './layerTimes';
import { checkIntegers, insertIntegers, observeIntegers } from './integers';
import { prepareForIntegers, type Prepared } from './prepareForIntegers';
import { quantizeWeight } from './quantizeWeight';
import { raiseOpset, wantedOpset } from './raiseOpset';
import { compareModels, verify, type Verified, type VerifyOptions } from './verify';
import type { Workbench } from './Workbench';
import { writeFileDurably } from './writeFileDurably';

/**
 * Writes a quantized model: first into a folder of its own beside the output, there it is run and compared, and only then moved
 * to its place. Whatever happens, the output is whole or absent, and the source is never touched.
 * @param embedLimit bytes of weights above which they go to an external file
 * @throws UserError, CancelledError
 */
export async function exportModel(
  bench: Workbench,
  request: ExportRequest,
  context: JobContext<ExportProgress>,
  embedLimit = LARGEST_EMBEDDED,
): Promise<ExportReport> {
  const { signal, progress } = context;
  const output = resolve(request.output);
  protectSources([request.path], output);
  checkOutput(output, request.overwrite);
  const step = async (stage: ExportStage, fraction: number) => {
    progress({ stage, fraction });
    await nextTurn();
    if (signal.aborted) throw new CancelledError();
  };
  checkIntegers(request);
  await step('reading', 0);
  // A model of its own, as the export rewrites it in place.
  const model = readModel(request.path);
  protectSources([request.path, ...model.files.paths], output);
  const unknown = unknownLayers(request.recipe, model.inspection.layers)[0];
  if (unknown) throw new UserError(`The recipe is not for this model: ${unknown.message}`);
  try {
    mkdirSync(request.temporary);
    const running = {
      source: request.path,
      inputs: model.inspection.model.inputs,
      shapes: request.recipe.shapes,
      signal,
    };
    const during = (stage: ExportStage) => ({
      ...running,
      progress: (fraction: number) => progress({ stage, fraction }),
    });
    const wantsIntegers = request.recipe.activations !== null;
    const { few: samples, many, note } = exportSamples(request, running.inputs);
    const prepared: Prepared = wantsIntegers
      ? await prepareForIntegers(model, request.temporary, { ...during('preparing'), samples })
      : { model, notes: [] };
    const { replacements, layers } = await quantizeLayers(bench, prepared.model, request, context);
    const raised = await raise(prepared.model, replacements, request, {
      ...during('raising'),
      samples,
    });
    const integers = wantsIntegers
      ? await observeIntegers(raised.model, replacements, request, during('calibrating'), (fraction) =>
          step('calibrating', fraction),
        )
      : null;
    await step('writing', 0);
    rewriteModel(raised.model, integers?.weights ?? replacements);
    if (integers) insertIntegers(raised.model, integers, request.recipe.format);
    const written = join(request.temporary, basename(output));
    const files = await write(raised.model, written, embedLimit);
    const comparison = {
      ...during('verifying'),
      output: written,
      samples: integers ? integers.heldOut : many,
    };
    const compared = request.verify ? await verify(comparison) : null;
    const slower =
      integers && compared ? await slowerLayers(compared, request, written, integers.report.layers) : [];
    const integerKernels = integers ? await countIntegerKernels(written, request.temporary) : 0;
    const exact =
      integerKernels > 0 && request.recipe.format === 'QDQ'
        ? await compareModels({ ...comparison, exact: true })
        : null;
    if (signal.aborted) throw new CancelledError();
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    // The model itself comes last: while it is not there, nothing refers to its data.
    for (const file of files.toReversed()) renameSync(file, join(dirname(output), basename(file)));
    const { bytes: own, externalBytes } = model.inspection.model;
    return {
      output: { path: output, bytes },
      source: { path: resolve(request.path), bytes: own + externalBytes },
      verification: compared && compared.verification,
      opset: { ...raised.opset, source: model.inspection.model.opset },
      integers: integers && {
        ...integers.report,
        integerKernels,
        exactOutputs: exact && exact.outputs,
        slower,
      },
      notes: note === null ? prepared.notes : [...prepared.notes, note],
      layers,
    };
  } catch (error) {
    throw asUserError(error, output);
  } finally {
    rmSync(request.temporary, { recursive: true, force: true });
  }
}

async function quantizeLayers(
  bench: Workbench,
  model: OpenModel,
  { recipe }: ExportRequest,
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
    const left = { name, scheme: 'float', sqnrDb: null, bytesBefore: bytes, bytesAfter: bytes } as const;
    if (quantized !== null) return { ...left, note: `quantized already: ${quantized}` };
    if (scheme === 'float') return left;
    const result = await quantizeWeight(bench, weightOf(model, name), scheme, pause);
    if ('problem' in result) return { ...left, note: result.problem };
    replacements.set(name, result.tensor);
    const { sqnrDb, bytes: bytesAfter } = result.error;
    return { name, scheme, sqnrDb, bytesBefore: bytes, bytesAfter };
  }
}

/** The layers to blame, where the export is slower than its source. */
function slowerLayers(
  { verification: { sourceMs, outputMs }, feeds }: Verified,
  { path, temporary }: ExportRequest,
  output: string,
  layers: readonly string[],
): Promise<IntegerReport['slower']> {
  return outputMs > sourceMs * SLOWER
    ? compareLayerTimes({ source: path, output, folder: temporary, feeds, layers })
    : Promise.resolve([]);
}

/** The model at the opset that its quantized weights are best at, if the recipe and the model allow it. */
async function raise(
  model: OpenModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
  { recipe, verify: mayRun, temporary }: ExportRequest,
  options: Omit<VerifyOptions, 'output'>,
): Promise<{ model: OpenModel; opset: OpsetReport }> {
  const source = model.inspection.model.opset;
  const wanted = wantedOpset(model, replacements);
  const kept = (note: string | null) => ({ model, opset: { source, output: source, note } });
  if (recipe.opset === 'keep' || wanted <= source) return kept(null);
  const stays = (reason: string) =>
    kept(
      `The model stays at opset ${source}, with operators that do the same as those of opset ${wanted}: ${reason}.`,
    );
  if (!mayRun) return stays('whether raising it changes what it computes is only known by running it');
  options.progress(0);
  await nextTurn();
  const raised = await raiseOpset(model, wanted, temporary, options);
  if (typeof raised === 'string') return stays(raised);
  return { model: raised, opset: { source, output: wanted, note: null } };
}

/** @returns the files written, the model first */
async function write(model: OpenModel, path: string, embedLimit: number): Promise<string[]> {
  const serialized = serializeModel(model, model.files, externalName(basename(path)), embedLimit);
  const files = [path];
  await writeFileDurably(path, [serialized.model]);
  if (serialized.external) {
    const data = join(dirname(path), serialized.external.location);
    await writeFileDurably(data, serialized.external.chunks());
    files.push(data);
  }
  return files;
}

/** What the system says of a full disk or a folder that may not be written, as a sentence. */
function asUserError(error: unknown, output: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') return new UserError(`The disk is full; ${output} was not written.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new UserError(`${dirname(output)} may not be written to.`);
  return error;
}
