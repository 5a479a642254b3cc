import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspectModel, type InspectedModel } from '../onnx/inspectModel';
import { parseModel } from '../onnx/parseModel';
import { tensorBytes } from '../onnx/tensor';
import { UserError } from '../shared/UserError';
import { ExternalFolder } from './ExternalFolder';
import { readModelFile, stampFile } from './modelFile';
import type { FloatType, Weight } from './Weight';

/** A parsed model with the files beside it. */
export interface OpenModel extends InspectedModel {
  readonly files: ExternalFolder;
  /** Weights that were asked for, by layer. */
  readonly weights: Map<string, Weight>;
}

/** Models are kept while they are looked at; two, so that going back and forth does not read anew. */
const KEPT = 2;

/** The models that this process has in memory. */
export class OpenModels {
  private readonly kept = new Map<string, { readonly stamp: string; readonly model: OpenModel }>();

  /** @throws UserError if the file cannot be read or is no sound model */
  get(path: string): OpenModel {
    const known = this.kept.get(path);
    this.kept.delete(path);
    const entry = known?.stamp === stampOf(path, known?.model) ? known : read(path);
    // A Map keeps the order of insertion: the first key is the one that was not used for longest.
    this.kept.set(path, entry);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return entry.model;
  }
}

function read(path: string) {
  const model = readModel(path);
  return { stamp: stampOf(path, model), model };
}

/** Tells one state of a model's files from another, those beside it included. */
function stampOf(path: string, model: OpenModel | undefined): string {
  const external = (model?.files.paths ?? []).map((file) => statSync(file, { throwIfNoEntry: false }));
  return JSON.stringify([stampFile(path), external.map((stat) => [stat?.size, stat?.mtimeMs])]);
}

/** @throws UserError as `OpenModels.get` */
export function readModel(path: string): OpenModel {
  const { bytes, stamp } = readModelFile(path);
  const files = new ExternalFolder(path);
  const model = inspectModel(parseModel(bytes, path), files, { path: resolve(path), bytes: stamp.bytes });
  return { ...model, files, weights: new Map() };
}

/**
 * The weight of a layer, the same object each time, by which threads know what they hold.
 * @throws UserError if there is no such layer, or it is quantized already
 */
export function weightOf({ layers, files, weights }: OpenModel, name: string): Weight {
  const known = weights.get(name);
  if (known) return known;
  const layer = layers.get(name);
  if (!layer) throw new UserError(`The model has no layer "${name}".`);
  if (layer.summary.quantized !== null)
    throw new UserError(`The layer "${name}" is quantized already: ${layer.summary.quantized}.`);
  const weight: Weight = {
    elementType: layer.summary.elementType as FloatType,
    layout: layer.layout,
    bytes: () => tensorBytes(layer.constant.tensor, files),
  };
  weights.set(name, weight);
  return weight;
}
