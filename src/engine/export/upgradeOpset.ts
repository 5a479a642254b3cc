/** A newer opset for a model, for the sake of types that older ones do not have. */
import { toNumber } from '../../core/measure/Decibels';
import { ONNX } from '../../core/model/modelFormats';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dequantizedSince } from '../../onnx/write/emitDequantized';
import { serializeModel } from '../../onnx/write/serializeModel';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import { formatBytes } from '../../core/report/format';
import { CancelledError } from '../../base/rpc';
import { SystemError } from '../../files/systemError';
import { UserError } from '../../base/UserError';
import { convertOpset } from '../runtime/convertOpset';
import { readModel, type OpenModel } from '../models/OpenModels';
import { compareModels, type VerifyOptions } from '../compare/verify';

/** Larger models take more memory to convert than is worth it: about ten times their size. */
const LARGEST = 2 ** 28;
/** Outputs that agree less than this differ by more than the order of float32 sums. */
const MIN_DB = 80;

/**
 * The opset that has a form of its own for every replaced weight, if that is later than the model's: ONNX has types for 4-bit integers and FP8,
 * and DequantizeLinear takes blocks. For other weights DequantizeLinear gains nothing over Cast and Mul, which onnxruntime
 * computes once, at load.
 */
export function wantedOpset(model: OpenModel, replacements: ReadonlyMap<string, EncodedTensor>): number {
  const { opset } = model.inspection.model;
  return [...replacements].reduce((wanted, [name, tensor]) => {
    const since = dequantizedSince(tensor, model.layers.get(name)!.layout);
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

/**
 * Converts a model to another opset, and runs both: conversion breaks some models.
 * @param folder where the converted model may be written for that
 * @returns the converted model, with the same layers; or why there is none, as the end of a sentence
 * @throws CancelledError
 */
export async function upgradeOpset(
  model: OpenModel,
  opset: number,
  folder: string,
  options: Omit<VerifyOptions, 'output'>,
): Promise<OpenModel | string> {
  const { bytes, externalBytes } = model.inspection.model;
  if (bytes + externalBytes > LARGEST) return `models beyond ${formatBytes(LARGEST)} are not converted`;
  try {
    const converted = await convertOpset(
      serializeModel(model.graph, model.files, '', LARGEST * 2).model,
      opset,
    );
    // A name of its own, as the model that is converted may lie in this folder too.
    const path = join(folder, `opset${opset}${ONNX.extensions[0]}`);
    writeFileSync(path, converted);
    const raised = readModel(path);
    return (await changed(model, raised, { ...options, output: path }, 'converted')) ?? raised;
  } catch (error) {
    return whyNot(error, 'converted');
  }
}

/**
 * What a step of preparation changed that it must not: layers, which the recipe speaks of, or outputs.
 * @param step what was done, as in "converted"
 * @returns the end of a sentence, or null if all is as it was
 */
export async function changed(
  before: OpenModel,
  after: OpenModel,
  options: VerifyOptions,
  step: string,
): Promise<string | null> {
  const layer = changedLayer(before, after);
  if (layer !== null) return `${step}, it loses the layer "${layer}"`;
  const { outputs, unchanged } = await compareModels(options);
  if (outputs.every(({ compared }) => compared === 0)) return `${step}, none of its outputs can be compared`;
  const other = outputs.find(
    ({ name, sqnrDb, otherSize }) =>
      !unchanged.has(name) && !(otherSize === 0 && sqnrDb !== null && toNumber(sqnrDb) >= MIN_DB),
  );
  return other ? `${step}, its output "${other.name}" is another` : null;
}

function changedLayer(before: OpenModel, after: OpenModel): string | null {
  for (const [name, { summary }] of before.layers) {
    const other = after.layers.get(name)?.summary;
    if (!other || String(other.shape) !== String(summary.shape) || other.elementType !== summary.elementType)
      return name;
  }
  return null;
}

/**
 * Why a step of preparation is left out that failed.
 * @param step what was to be done, as in "converted"
 * @returns the end of a sentence
 * @throws CancelledError if it was only cancelled, SystemError if the disk is full
 */
export function whyNot(error: unknown, step: string): string {
  if (error instanceof CancelledError || error instanceof SystemError) throw error;
  return error instanceof UserError
    ? `${step}, it does not run: ${error.message.replace(/\.$/, '')}`
    : `it could not be ${step}`;
}
