import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExportRequest } from '../../protocol/engineApi';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { defaultInputs } from '../../onnx/read/defaultInputs';
import { rewriteModel } from '../../onnx/write/rewriteModel';
import { MAX_EMBEDDED, serializeModel } from '../../onnx/write/serializeModel';
import {
  isSlower,
  type ExportProgress,
  type ExportReport,
  type IntegerReport,
} from '../../core/report/report';
import { CancelledError, type JobContext } from '../../base/rpc';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';
import { checkOutput, externalName, protectSources } from '../io/exportPath';
import { readModel } from '../models/OpenModels';
import { countIntegerKernels } from '../compare/integerKernels';
import { compareLayerTimes } from '../compare/layerTimes';
import { checkIntegers, insertIntegers } from './integers';
import { quantizeModel, step } from './quantizeModel';
import { compareModels, verify, type Verified } from '../compare/verify';
import type { WeightKernel } from '../weights/WeightKernel';
import { writeFileDurably } from '../io/writeFileDurably';

const NOT_COMPARABLE = "Nothing was compared: none of the model's outputs is a tensor.";

/**
 * Writes a quantized model: first into a folder of its own beside the output, there it is run and compared, and only then moved
 * to its place. Whatever happens, the output is whole or absent, and the source is never touched.
 * @param embedLimit bytes of weights above which they go to an external file
 * @throws UserError, CancelledError
 */
export async function exportModel(
  bench: WeightKernel,
  request: ExportRequest,
  context: JobContext<ExportProgress>,
  embedLimit = MAX_EMBEDDED,
): Promise<ExportReport> {
  const { signal } = context;
  const output = resolve(request.output);
  protectSources([request.path], output);
  checkOutput(output, request.overwrite);
  checkIntegers(request);
  await step(context, 'reading', 0);
  const model = readModel(request.path);
  protectSources([request.path, ...model.files.paths], output);
  const withDefaults = defaultInputs(model.graph.model);
  try {
    // In a folder of its own, as its name may be that of any file that is written on the way.
    const folder = join(request.temporary, 'export');
    mkdirSync(request.temporary);
    mkdirSync(folder);
    const {
      model: quantized,
      replacements,
      integers,
      samples,
      report,
    } = await quantizeModel(bench, model, request, context);
    await step(context, 'writing', 0);
    const rewritten = rewriteModel(quantized, replacements);
    const exported = integers
      ? insertIntegers(rewritten, quantized.files, integers, replacements, request.recipe.format)
      : rewritten;
    const written = join(folder, basename(output));
    const files = await write(exported, quantized.files, written, embedLimit);
    const comparison = {
      source: request.path,
      output: written,
      inputs: model.inspection.model.inputs,
      shapes: request.recipe.shapes,
      samples,
      signal,
      progress: (fraction: number) => context.progress({ stage: 'verifying', fraction }),
    };
    const compared = request.verify ? await verify(comparison) : null;
    const notes = request.verify && !compared ? [...report.notes, NOT_COMPARABLE] : report.notes;
    const slower =
      integers && compared ? await slowerLayers(compared, request, written, integers.report.layers) : [];
    const integerKernels = integers ? await countIntegerKernels(written, request.temporary) : 0;
    const exact =
      compared && integerKernels > 0 && request.recipe.format === 'QDQ'
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
      opset: report.opset,
      integers: integers && {
        ...integers.report,
        integerKernels,
        exactOutputs: exact && exact.outputs,
        slower,
      },
      notes: [...notes, ...lostInputs(withDefaults, exported)],
      layers: report.layers,
    };
  } catch (error) {
    throw asUserError(error, output);
  } finally {
    rmSync(request.temporary, { recursive: true, force: true });
  }
}

/** Inputs with a default value are constants to an export: where one is quantized or folded, nobody can give another value any more. */
function lostInputs(withDefaults: readonly string[], { model }: Graph): string[] {
  const kept = new Set(model.graph.input.map(({ name }) => name));
  return withDefaults
    .filter((name) => !kept.has(name))
    .map((name) => `The input ${quoted(name)} is not in the export, which has its default value for good.`);
}

/** The layers to blame, where the export is slower than its source. */
function slowerLayers(
  { verification, feeds }: Verified,
  { path, temporary }: ExportRequest,
  output: string,
  layers: readonly string[],
): Promise<IntegerReport['slower']> {
  return isSlower(verification)
    ? compareLayerTimes({ source: path, output, folder: temporary, feeds, layers })
    : Promise.resolve([]);
}

/** @returns the files written, the model first */
async function write(
  graph: Graph,
  sources: ExternalFiles,
  path: string,
  embedLimit: number,
): Promise<string[]> {
  const serialized = serializeModel(graph, sources, externalName(basename(path)), embedLimit);
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
