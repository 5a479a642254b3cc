import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExportRequest } from '../../protocol/engineApi';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { defaultInputs } from '../../onnx/read/defaultInputs';
import { MAX_EMBEDDED, serializeModel } from '../../onnx/write/serializeModel';
import { isSlower, type ExportProgress, type ExportReport, type SlowNode } from '../../core/report/report';
import { CancelledError, type JobContext } from '../../base/rpc';
import { quoted } from '../../base/quoted';
import { reportMarkdown } from '../../core/report/reportMarkdown';
import { writeNewFile, writeTextFile } from '../../files/newFile';
import { inTemporaryFolder } from '../../files/temporaryFolder';
import {
  checkOutput,
  isExternalName,
  isOneOf,
  newExternalName,
  placeExport,
  protectSources,
  reportName,
  type ExportFiles,
} from '../io/exportPath';
import { requireUnchanged, stampsOf } from '../io/fileStamp';
import { readModel, type OpenModel } from '../models/OpenModels';
import { checkOverlayPlace, saveOverlay } from '../recovery/overlay/overlayFile';
import { countIntegerKernels } from '../compare/integerKernels';
import { findSlowNodes } from '../compare/slowNodes';
import { checkIntegers, type Integers } from './integers';
import { quantizedGraph } from './quantizedGraph';
import { quantizeModel, type QuantizedModel } from './quantizeModel';
import { step } from './step';
import { tooLargeTogether } from '../compare/ModelPair';
import { compareModels, verify, type Verified } from '../compare/verify';
import type { WeightKernel } from '../weights/WeightKernel';
import type { QuantizeRequest } from './QuantizeRequest';

const NOTHING_TO_SAVE = 'No repairs were saved, as nothing was repaired.';
const NOT_COMPARABLE = "Nothing was compared: none of the model's outputs is a tensor.";

/**
 * Writes a quantized model: first into a temporary folder beside the output, there it is run and compared, and only then moved
 * to its place. Whatever happens, the output is whole or as it was, and the source is never touched.
 * @param embedLimit bytes of weights above which they go to an external file
 * @throws UserError, CancelledError
 */
export async function exportModel(
  weightKernel: WeightKernel,
  request: ExportRequest,
  context: JobContext<ExportProgress>,
  embedLimit = MAX_EMBEDDED,
): Promise<ExportReport> {
  const output = resolve(request.output);
  protectSources([request.path], output);
  checkOutput(output, request.overwrite, request.report);
  checkIntegers(request);
  if (request.saveOverlay) checkOverlayPlace(request.path);
  await step(context, 'reading', 0);
  return inTemporaryFolder(dirname(output), (temporary) =>
    exportVia(weightKernel, { ...request, output, temporary }, context, embedLimit),
  );
}

async function exportVia(
  weightKernel: WeightKernel,
  request: ExportRequest & QuantizeRequest,
  context: JobContext<ExportProgress>,
  embedLimit: number,
): Promise<ExportReport> {
  const { output, temporary } = request;
  const { signal } = context;
  const before = stampsOf([request.path]);
  const model = readModel(request.path);
  const sources = [request.path, ...model.files.paths];
  protectSources(sources, output);
  // The source is read again for comparisons, which must not be those of another one.
  const stamps = new Map([...before, ...stampsOf(model.files.paths)]);
  // In a folder of its own, as its name may be that of any file that is written on the way.
  const folder = join(temporary, 'export');
  mkdirSync(folder);
  const written = join(folder, basename(output));
  const quantized = await writeQuantized(weightKernel, model, request, context, written, embedLimit);
  const { files, samples, integers, opset, layers } = quantized;
  const comparison = {
    source: request.path,
    output: written,
    inputs: model.inspection.model.inputs,
    shapes: request.recipe.shapes,
    samples,
    inTurns: tooLargeTogether(model.inspection.model),
    signal,
    progress: (fraction: number) => context.progress({ stage: 'verifying', fraction }),
  };
  const compared = request.verify ? await verify(comparison) : null;
  const notes = request.verify && !compared ? [...quantized.notes, NOT_COMPARABLE] : quantized.notes;
  const changed = layers.filter(({ scheme }) => scheme !== 'float').map(({ name }) => name);
  const slower = compared ? await slowNodes(compared, request, written, changed) : [];
  const integerKernels = integers ? await countIntegerKernels(written, temporary) : 0;
  const exact =
    compared && integerKernels > 0 && request.recipe.format === 'QDQ'
      ? await compareModels({ ...comparison, exact: true })
      : null;
  if (signal.aborted) throw new CancelledError();
  requireUnchanged(stamps);
  const bytes = statSync(written).size + (files.data ? statSync(files.data).size : 0);
  placeExport(files, output, request.overwrite, request.overwrite ? obsoleteData(output, sources) : []);
  const overlay = quantized.overlay && (await saveOverlay(request.path, quantized.overlay));
  const { bytes: own, externalBytes } = model.inspection.model;
  const all: ExportReport = {
    output: { path: output, bytes },
    source: { path: resolve(request.path), bytes: own + externalBytes },
    verification: compared && compared.verification,
    opset,
    integers: integers && { ...integers, integerKernels, exactOutputs: exact && exact.outputs },
    slower,
    repairs: quantized.repairs,
    ...(overlay && { overlay }),
    notes: [...notes, ...quantized.lostInputs],
    layers,
  };
  if (request.report) await writeTextFile(reportName(output), reportMarkdown(all), request.overwrite);
  return all;
}

/** Facts of a written model. */
interface WrittenModel extends Pick<
  QuantizedModel,
  'samples' | 'opset' | 'repairs' | 'overlay' | 'notes' | 'layers'
> {
  readonly files: ExportFiles;
  readonly integers: Integers['report'] | null;
  /** Sentences. */
  readonly lostInputs: readonly string[];
}

/** Quantizes a model and writes it. Nothing that was quantized is held any longer, as the models that are run next take memory enough. */
async function writeQuantized(
  weightKernel: WeightKernel,
  model: OpenModel,
  request: ExportRequest & QuantizeRequest,
  context: JobContext<ExportProgress>,
  path: string,
  embedLimit: number,
): Promise<WrittenModel> {
  const quantized = await quantizeModel(weightKernel, model, request, context);
  const { integers, samples, opset, repairs, layers } = quantized;
  const { overlay } = quantized;
  const unsaved = request.saveOverlay && overlay === null;
  const notes = unsaved ? [...quantized.notes, NOTHING_TO_SAVE] : quantized.notes;
  const { files: sources } = quantized.model;
  await step(context, 'writing', 0);
  const exported = quantizedGraph(quantized);
  const files = await write(exported, sources, path, newExternalName(request.output), embedLimit);
  const lost = lostInputs(defaultInputs(model.graph.model), exported);
  return {
    ...{ files, samples, opset, repairs, overlay, notes, layers, lostInputs: lost },
    integers: integers && integers.report,
  };
}

/** Inputs with a default value are constants to an export: where one is quantized or folded, nobody can give another value any more. */
function lostInputs(withDefaults: readonly string[], { model }: Graph): string[] {
  const kept = new Set(model.graph.input.map(({ name }) => name));
  return withDefaults
    .filter((name) => !kept.has(name))
    .map((name) => `The input ${quoted(name)} is not in the export, which has its default value for good.`);
}

/** The nodes to blame, where the export is slower than its source. */
function slowNodes(
  { verification, feeds }: Verified,
  { path, temporary }: QuantizeRequest,
  output: string,
  layers: readonly string[],
): Promise<readonly SlowNode[]> {
  return isSlower(verification)
    ? findSlowNodes({ source: path, output, folder: temporary, feeds, layers })
    : Promise.resolve([]);
}

/** @param external name of a file for weights that are too many */
async function write(
  graph: Graph,
  sources: ExternalFiles,
  path: string,
  external: string,
  embedLimit: number,
): Promise<ExportFiles> {
  const serialized = serializeModel(graph, sources, external, embedLimit);
  await writeNewFile(path, serialized.chunks());
  if (!serialized.external) return { model: path, data: null };
  const data = join(dirname(path), serialized.external.location);
  await writeNewFile(data, serialized.external.chunks());
  return { model: path, data };
}

/** The data of the model that is to be replaced, as far as an export has written them and they are not the source's. */
function obsoleteData(output: string, sources: readonly string[]): string[] {
  const candidates = readdirSync(dirname(output)).filter((name) => isExternalName(name, output));
  if (candidates.length === 0) return [];
  try {
    return readModel(output).files.paths.filter(
      (file) => isExternalName(file, output) && !isOneOf(sources, file),
    );
  } catch {
    // No model, or none that can be read: nothing is known of its data.
    return [];
  }
}
