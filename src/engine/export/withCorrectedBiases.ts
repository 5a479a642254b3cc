import { planInGraph } from '../../onnx/qdq/planInGraph';
import type { BiasPlace } from '../../onnx/read/biasPlace';
import { withBiases } from '../../onnx/write/writeBiases';
import { withGraph } from '../formats/withGraph';
import { integerWeights } from './integers';
import type { Snapshot } from './Phase';

/**
 * The snapshot with other biases in its model; where layers compute in integers, weights leave room for them.
 * @param places of the biases by layer
 */
export function withCorrectedBiases(
  snapshot: Snapshot,
  places: ReadonlyMap<string, BiasPlace>,
  biases: ReadonlyMap<string, Float32Array>,
): Snapshot {
  const written = new Map([...biases].map(([layer, values]) => [places.get(layer)!, values] as const));
  const model = withGraph(snapshot.model, withBiases(snapshot.model.graph, written));
  const corrected = { ...snapshot, model, biases: new Map([...snapshot.biases, ...biases]) };
  const { integers, replacements } = snapshot;
  if (!integers) return corrected;
  const plan = planInGraph(integers.plan, model.graph);
  const weights = integerWeights(model, plan, integers.scales, replacements);
  return { ...corrected, integers: { ...integers, plan, weights }, replacements: weights };
}
