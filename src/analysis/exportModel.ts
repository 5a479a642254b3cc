import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
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
import { pauses } from './pauses';
import { countIntegerKernels } from './integerKernels';
import { calibrationSamples, type SampleList } from './calibrationSamples';
import { compareLayerTimes } from './layerTimes';
import { checkIntegers, insertIntegers, observeIntegers } from './integers';
import { prepareForIntegers, type Prepared } from './prepareForIntegers';
import { spread } from './spread';
import { quantizeWeight } from './quantizeWeight';
import { raiseOpset, wantedOpset } from './raiseOpset';
import { verify, type Verified, type VerifyOptions } from './verify';
import type { Workbench } from './Workbench';
import { writeFileDurably } from './writeFileDurably';

/** Samples that each step of preparation is compared on. */
const COMPARED_SAMPLES = 4;

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
  checkOutput(request.path, output, request.overwrite);
  const step = async (stage: ExportStage, fraction: number) => {
    progress({ stage, fraction });
    await nextTurn();
    if (signal.aborted) throw new CancelledError();
  };
  checkIntegers(request);
  await step('reading', 0);
  // A model of its own, as the export rewrites it in place.
  const model = readModel(request.path);
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
    const samples = wantsIntegers ? realSamples(request, running.inputs) : null;
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
    rewriteModel(raised.model, replacements);
    if (integers) insertIntegers(raised.model, integers, replacements, request.recipe.format);
    const written = join(request.temporary, basename(output));
    const files = await write(raised.model, written, embedLimit);
    const compared = request.verify
      ? await verify({ ...during('verifying'), output: written, samples: integers?.heldOut ?? null })
      : null;
    const slower =
      integers && compared ? await slowerLayers(compared, request, written, integers.report.layers) : [];
    const integerKernels = integers ? await countIntegerKernels(written, request.temporary) : 0;
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
      integers: integers && { ...integers.report, integerKernels, slower },
      notes: prepared.notes,
      layers,
    };
  } catch (error) {
    throw asUserError(error, output);
  } finally {
    rmSync(request.temporary, { recursive: true, force: true });
  }
}

/** @throws UserError if the output is the source or its data, lies nowhere, or exists and must not be replaced */
function checkOutput(source: string, output: string, overwrite: boolean): void {
  if (!existsSync(dirname(output)))
    throw new UserError(`There is no folder ${dirname(output)} to export to.`);
  if (!existsSync(output)) return;
  const [a, b] = [statSync(source), statSync(output)];
  // Hard links and symbolic links lead to the same file as well.
  if ((a.ino === b.ino && a.dev === b.dev) || realpathSync(source) === realpathSync(output))
    throw new UserError('The source model is never overwritten; choose another name.');
  if (!b.isFile()) throw new UserError(`${output} is not a file.`);
  if (!overwrite) throw new UserError(`${output} exists already; use --force to replace it.`);
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

/** A few of the user's samples, on which steps of preparation are compared; null where there are none. */
function realSamples({ recipe, path }: ExportRequest, inputs: VerifyOptions['inputs']): SampleList | null {
  if (recipe.calibration === null || recipe.calibration === 'synthetic') return null;
  const { all } = calibrationSamples(recipe.calibration, path, inputs, {});
  const places = spread(Math.min(COMPARED_SAMPLES, all.count), all.count);
  return { ...all, count: places.length, labels: null, read: () => all.read(places) };
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
  const serialized = serializeModel(model, model.files, `${basename(path)}.data`, embedLimit);
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
