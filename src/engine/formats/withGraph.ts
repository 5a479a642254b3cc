import type { Graph } from '../../onnx/graph/Graph';
import { inspectModel } from '../../onnx/read/inspectModel';
import { matchLayers, withLayerNames } from '../../onnx/read/layerIdentity';
import type { OpenModel } from './OpenModel';

/**
 * A model with another graph, in which layers have the names that they have now. Its tensors are where they were.
 * @throws UserError as `inspectModel`
 */
export function withGraph(model: OpenModel, graph: Graph): OpenModel {
  if (graph === model.graph) return model;
  const { path, bytes } = model.inspection.model;
  const inspected = inspectModel(graph.model, model.files, { path, bytes });
  const named = withLayerNames(inspected, matchLayers(model, inspected));
  return { ...named, isAsInFile: false, files: model.files, weights: new Map() };
}
