import type { Graph } from '../../onnx/graph/Graph';
import { rewriteModel } from '../../onnx/write/rewriteModel';
import { insertIntegers, type Integers } from './integers';
import type { Snapshot } from './Phase';

/** The part of a snapshot that its graph follows from. */
export interface QuantizedSnapshot extends Pick<Snapshot, 'model' | 'replacements' | 'recipe'> {
  readonly integers: Pick<Integers, 'plan' | 'scales'> | null;
}

/** The graph that an export of the snapshot has: weights quantized and, where activations are, quantizers inserted. */
export function quantizedGraph({ model, replacements, integers, recipe }: QuantizedSnapshot): Graph {
  const integer = new Set(integers?.plan.nodes.map(({ layer }) => layer));
  const rewritten = rewriteModel(model, replacements, { integer });
  return integers ? insertIntegers(rewritten, model.files, integers, replacements, recipe.format) : rewritten;
}
