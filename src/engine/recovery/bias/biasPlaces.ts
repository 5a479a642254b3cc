import { biasPlace, type BiasPlace } from '../../../onnx/read/biasPlace';
import { weightUses } from '../../../onnx/subgraph/weightUses';
import type { OpenModel } from '../../formats/OpenModel';

export interface BiasPlaces {
  readonly places: ReadonlyMap<string, BiasPlace>;
  /** Layers that have none that could be corrected: name to reason, as the end of a sentence. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Where layers have biases, or can have some.
 * @param mayAdd whether an Add may be put behind a layer without one
 */
export function biasPlaces(
  { graph, layers }: OpenModel,
  names: readonly string[],
  mayAdd: boolean,
): BiasPlaces {
  const left = new Map<string, string>();
  const places = new Map<string, BiasPlace>();
  for (const name of names) {
    const layer = layers.get(name)!;
    const nodes = weightUses(graph, layer.constant.name);
    const place = typeof nodes === 'string' ? nodes : biasPlace(graph, nodes, layer);
    if (typeof place === 'string') left.set(name, place);
    else if (!place.adder && !mayAdd)
      left.set(name, 'it has no bias, and one more operator behind it would cost time');
    else places.set(name, place);
  }
  return { places, left };
}
