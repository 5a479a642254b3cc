import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspectModel, type InspectedModel } from '../../onnx/read/inspectModel';
import { parseModel } from '../../onnx/file/parseModel';
import { tensorBytes } from '../../onnx/file/tensor';
import { UserError } from '../../base/UserError';
import { ExternalFolder } from '../io/ExternalFolder';
import { readModelFile, stampFile, type FileStamp } from '../io/modelFile';
import type { FloatType, Weight } from '../weights/Weight';

/** A parsed model with the files beside it. */
export interface OpenModel extends InspectedModel {
  readonly files: ExternalFolder;
  /** Weights that were asked for, by layer. */
  readonly weights: Map<string, Weight>;
}

/** Models are kept while they are looked at; two, so that going back and forth does not read anew. */
const KEPT = 2;

/** A model, and the state that its files were in: its own before it was read. */
interface Kept {
  readonly stamp: FileStamp;
  readonly external: string;
  readonly model: OpenModel;
}

/** The models that this process has in memory. */
export class OpenModels {
  private readonly kept = new Map<string, Kept>();

  /** @throws UserError if the file cannot be read or is no sound model */
  get(path: string): OpenModel {
    const stamp = stampFile(path);
    const known = this.kept.get(path);
    this.kept.delete(path);
    const entry = known && isFresh(known, stamp) ? known : keep(path, stamp);
    // A Map keeps the order of insertion: the first key is the one that was not used for longest.
    this.kept.set(path, entry);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return entry.model;
  }
}

function keep(path: string, stamp: FileStamp): Kept {
  const model = readModel(path);
  return { stamp, external: externalStamp(model), model };
}

function isFresh({ stamp, external, model }: Kept, now: FileStamp): boolean {
  const same = stamp.bytes === now.bytes && stamp.modifiedMs === now.modifiedMs;
  return same && external === externalStamp(model);
}

/** Tells one state of the files beside a model from another. */
function externalStamp({ files }: OpenModel): string {
  const found = files.paths.map((file) => statSync(file, { throwIfNoEntry: false }));
  return JSON.stringify(found.map((stat) => [stat?.size, stat?.mtimeMs]));
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
