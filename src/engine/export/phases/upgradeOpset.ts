/** A newer opset for a model, for the sake of what older ones do not have. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ONNX } from '../../../core/model/modelFormats';
import { dequantizedSince } from '../../../onnx/write/emitDequantized';
import { isFused } from '../../../onnx/write/fusedWeights';
import { RESIZE_WITH_COORDINATES, withCornerCoordinates } from '../../../onnx/write/cornerCoordinates';
import { makeInitializersPlain } from '../../../onnx/write/plainInitializers';
import { serializeModel } from '../../../onnx/write/serializeModel';
import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { formatBytes } from '../../../core/report/format';
import type { ExportStage } from '../../../core/report/report';
import { UserError } from '../../../base/UserError';
import { convertOpset } from '../../runtime/convertOpset';
import type { OpenModel } from '../../formats/OpenModel';
import { readModel } from '../../formats/readModel';
import { changedModel } from '../changedModel';
import type { Phase, PhaseContext, Snapshot } from '../Phase';
import { runsModel } from '../QuantizeRequest';

/** Larger models take more memory to convert than is worth it: about ten times their size. */
const MAX_BYTES = 2 ** 28;
/** First opset whose DequantizeLinear takes a scale for each channel. */
const PER_CHANNEL_OPSET = 13;

/** Brings a model to an opset with scales for each channel. @throws UserError if that is not possible */
export const upgradeForIntegers: Phase = async (snapshot, context) => {
  if (snapshot.model.inspection.model.opset >= PER_CHANNEL_OPSET) return snapshot;
  const upgraded = await upgrade(snapshot, context, PER_CHANNEL_OPSET, 'preparing');
  if (typeof upgraded === 'string')
    throw new UserError(
      `Integer computation needs opset ${PER_CHANNEL_OPSET}, and the model cannot be brought to it: ${upgraded}.`,
    );
  return upgraded;
};

/** Brings a model to the opset that its quantized weights are best at, if the recipe and the model allow it. */
export const upgradeForWeights: Phase = async (snapshot, context) => {
  const { model, replacements, recipe } = snapshot;
  const { opset } = model.inspection.model;
  const wanted = wantedOpset(model, replacements);
  if (recipe.opset === 'keep' || wanted <= opset) return snapshot;
  const stays = (reason: string) => ({
    ...snapshot,
    opset: {
      ...snapshot.opset,
      note: `The model stays at opset ${opset}, with operators that do the same as those of opset ${wanted}: ${reason}.`,
    },
  });
  if (!runsModel(context.request))
    return stays('whether raising it changes what it computes is only known by running it');
  context.job.progress({ stage: 'raising', fraction: 0 });
  await nextTurn();
  const upgraded = await upgrade(snapshot, context, wanted, 'raising');
  return typeof upgraded === 'string' ? stays(upgraded) : upgraded;
};

/** Converts a model by ONNX's own converter. @returns why there is none, as the end of a sentence */
async function upgrade(
  snapshot: Snapshot,
  context: PhaseContext,
  opset: number,
  stage: ExportStage,
): Promise<Snapshot | string> {
  const { graph, files, inspection } = snapshot.model;
  const { bytes, externalBytes, opset: from } = inspection.model;
  if (bytes + externalBytes > MAX_BYTES) return `models beyond ${formatBytes(MAX_BYTES)} are not converted`;
  const change = { file: `opset${opset}`, done: 'converted', stage } as const;
  const upgraded = await changedModel(snapshot, context, change, async () => {
    const plain = graph.edit((edits) => makeInitializersPlain(graph, edits));
    const converted = await convertOpset(serializeModel(plain, files, '', MAX_BYTES * 2).model, opset);
    const path = join(context.request.temporary, `converted${opset}${ONNX.extensions[0]}`);
    writeFileSync(path, converted);
    const made = readModel(path);
    return from < RESIZE_WITH_COORDINATES && opset >= RESIZE_WITH_COORDINATES
      ? { graph: withCornerCoordinates(made.graph, made.files), files: made.files }
      : made;
  });
  return typeof upgraded === 'string'
    ? upgraded
    : { ...upgraded, opset: { ...snapshot.opset, output: opset } };
}

/**
 * The opset that has a form of its own for every replaced weight that onnxruntime makes one kernel of with its product, if that is later than
 * the model's: ONNX has types for 4-bit integers, and DequantizeLinear takes blocks. For other weights DequantizeLinear gains nothing
 * over Cast and Mul, which onnxruntime computes once, at load.
 */
function wantedOpset(model: OpenModel, replacements: ReadonlyMap<string, EncodedTensor>): number {
  const { opset } = model.inspection.model;
  return [...replacements].reduce((wanted, [name, tensor]) => {
    const layer = model.layers.get(name)!;
    const since = isFused(layer, tensor, model.graph) ? dequantizedSince(tensor, layer.layout) : null;
    return since === null || plainBytes(tensor) ? wanted : Math.max(wanted, since);
  }, opset);
}

function plainBytes(tensor: EncodedTensor): boolean {
  return (
    tensor.kind === 'scalars' &&
    tensor.numbers.kind === 'integer' &&
    tensor.bits >= 8 &&
    tensor.scales?.block === null
  );
}
