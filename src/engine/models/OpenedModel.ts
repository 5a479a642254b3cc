import type { Inspection } from '../../core/model/model';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { weightOf, type OpenModel } from '../formats/OpenModel';
import { isUnchanged, type FileState } from '../io/FileRange';
import type { Weight } from '../weights/Weight';

/**
 * A model without its graph: the table of its layers, and where their weights are. It can be sent to another thread.
 */
export interface OpenedModel {
  readonly inspection: Inspection;
  /** Of layers that are not quantized already, by name. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** The model's own file, and those beside it. */
  readonly files: readonly FileState[];
}

/** @throws UserError if a weight's file cannot be read */
export function describeModel(model: OpenModel): OpenedModel {
  const { inspection, files } = model;
  const float = inspection.layers.filter(({ quantized }) => quantized === null);
  const weights = new Map(float.map(({ name }) => [name, weightOf(model, name)] as const));
  return { inspection, weights, files: files.states };
}

/** Whether the model's files are what they were when it was opened. */
export function isFresh({ files }: Pick<OpenedModel, 'files'>): boolean {
  return files.every(isUnchanged);
}

/**
 * The weight of a layer, the same object each time, by which threads know what they hold.
 * @throws UserError if there is no such layer, or it is quantized already
 */
export function openedWeight({ inspection, weights }: OpenedModel, name: string): Weight {
  const weight = weights.get(name);
  if (weight) return weight;
  const layer = inspection.layers.find((each) => each.name === name);
  throw new UserError(
    layer
      ? `The layer ${quoted(name)} is quantized already: ${layer.quantized}.`
      : `The model has no layer ${quoted(name)}.`,
  );
}
