import { equalizeGraph, type Equalization } from '../../../onnx/equalize/equalizeGraph';
import type { ParsedModel } from '../../../onnx/file/parseModel';
import { inspectModel } from '../../../onnx/read/inspectModel';
import { matchLayers, withLayerNames } from '../../../onnx/read/layerIdentity';
import type { OpenModel } from '../../formats/OpenModel';

/** A model with scales moved between its constants, in memory; its layers have their names. */
export function equalizedModel(model: OpenModel, chosen: readonly Equalization[]): OpenModel {
  const { path, bytes } = model.inspection.model;
  const graph = equalizeGraph(model.graph, model.files, chosen);
  const after = inspectModel(graph.model as ParsedModel, model.files, { path, bytes });
  return { ...withLayerNames(after, matchLayers(model, after)), files: model.files, weights: new Map() };
}
