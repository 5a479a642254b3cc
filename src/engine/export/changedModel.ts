/** A float model that a phase of preparation changed, compared with the one before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError } from '../../base/rpc';
import { ONNX } from '../../core/model/modelFormats';
import { toNumber } from '../../core/measure/Decibels';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';
import { SystemError } from '../../files/systemError';
import { withLayerActivations, withLayerRepair, withScheme, type Recipe } from '../../core/recipe/recipe';
import type { ExportStage } from '../../core/report/report';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { matchLayers, withLayerNames, type LayerMatch } from '../../onnx/read/layerIdentity';
import { serializeModel } from '../../onnx/write/serializeModel';
import { compareModels } from '../compare/verify';
import type { OpenModel } from '../formats/OpenModel';
import { readModel } from '../formats/readModel';
import type { PhaseContext, Snapshot } from './Phase';

/** Outputs that agree less than this differ by more than the order of float32 sums. */
const MIN_DB = 80;

/** The outcome of a phase. */
export interface Change {
  /** Name of the file that the model is written to meanwhile, which others still read from later. */
  readonly file: string;
  /** As in "folded". */
  readonly done: string;
  readonly stage: ExportStage;
}

/**
 * Takes a changed model on, if no layer is lost and outputs stay as they are; else says why not, as the end of a sentence.
 * @param make the changed graph; a string says why there is none
 * @throws CancelledError, SystemError if the disk is full
 */
export async function changedModel(
  before: Snapshot,
  { request, comparison, job }: PhaseContext,
  { file, done, stage }: Change,
  make: () => Promise<{ graph: Graph; files: ExternalFiles } | string>,
): Promise<Snapshot | string> {
  const path = join(request.temporary, `${file}${ONNX.extensions[0]}`);
  try {
    const made = await make();
    if (typeof made === 'string') return made;
    writeFileSync(path, serializeModel(made.graph, made.files, '').model);
    const after = readModel(path);
    const match = matchLayers(before.model, after);
    const [lost] = match.lost;
    if (lost !== undefined) return `${done}, it loses the layer ${quoted(lost)}`;
    const progress = (fraction: number) => job.progress({ stage, fraction });
    const { outputs, unchanged } = await compareModels({ ...comparison, output: path, progress });
    if (outputs.every(({ compared }) => compared === 0))
      return `${done}, none of its outputs can be compared`;
    const other = outputs.find(
      ({ name, sqnrDb, otherSize }) =>
        !unchanged.has(name) && !(otherSize === 0 && sqnrDb !== null && toNumber(sqnrDb) >= MIN_DB),
    );
    if (other) return `${done}, its output ${quoted(other.name)} is another`;
    const named = withLayerNames(after, match);
    return { ...before, model: named, recipe: recipeForPieces(before.recipe, named, after, match) };
  } catch (error) {
    if (error instanceof CancelledError || error instanceof SystemError) throw error;
    return error instanceof UserError
      ? `${done}, it does not run: ${error.message.replace(/\.$/, '')}`
      : `it could not be ${done}`;
  }
}

/** The recipe with what it says of a layer said of all that it was cut into. */
function recipeForPieces(
  recipe: Recipe,
  named: OpenModel,
  { layers }: OpenModel,
  { origins }: LayerMatch,
): Recipe {
  const found = [...layers.keys()].map((name) => origins.get(name)?.[0]);
  return [...named.layers.keys()].reduce((all, name, i) => {
    const origin = found[i];
    if (origin === undefined || origin === name) return all;
    const { layers: schemes, layerActivations, layerRepair } = recipe;
    const scheme = Object.hasOwn(schemes, origin) ? schemes[origin]! : null;
    const choice = Object.hasOwn(layerActivations, origin) ? layerActivations[origin]! : null;
    const repair = Object.hasOwn(layerRepair, origin) ? layerRepair[origin]! : null;
    const chosen = withLayerActivations(withScheme(all, [name], scheme), [name], choice);
    return withLayerRepair(chosen, [name], repair);
  }, recipe);
}
