import type { Graph } from '../../onnx/graph/Graph';
import { rewriteModel, type Products } from '../../onnx/write/rewriteModel';
import { insertIntegers, type Integers } from './integers';
import type { Snapshot } from './Phase';

/** The part of a snapshot that its graph follows from. */
export interface QuantizedSnapshot extends Pick<Snapshot, 'model' | 'replacements' | 'recipe'> {
  readonly integers: Pick<Integers, 'plan' | 'scales'> | null;
  /** `codes` if it is not said. */
  readonly products?: Products;
}

/** The graph that an export of the snapshot has: weights quantized and, where activations are, quantizers inserted. */
export function quantizedGraph({
  model,
  replacements,
  integers,
  products = 'codes',
  recipe,
}: QuantizedSnapshot): Graph {
  const integer = new Set(integers?.plan.nodes.map(({ layer }) => layer));
  const rewritten = rewriteModel(model, replacements, { integer, products });
  return integers ? insertIntegers(rewritten, model.files, integers, replacements, recipe.format) : rewritten;
}
