import type { Graph } from '../../onnx/graph/Graph';
import { rewriteModel } from '../../onnx/write/rewriteModel';
import { insertIntegers } from './integers';
import type { Snapshot } from './Phase';

/** The graph that an export of the snapshot has: weights quantized and, where activations are, quantizers inserted. */
export function quantizedGraph({ model, replacements, integers, recipe }: Snapshot): Graph {
  const integer = new Set(integers?.plan.nodes.map(({ layer }) => layer));
  const rewritten = rewriteModel(model, replacements, { integer });
  return integers ? insertIntegers(rewritten, model.files, integers, replacements, recipe.format) : rewritten;
}
