import type { ExternalFiles } from '../file/externalData';
import type { Graph } from '../graph/Graph';
import { makeNode } from '../file/protos';
import { clippedCodes } from './clippedCodes';
import type { ActivationPlan } from './planActivations';
import { QuantizedGraph } from './QuantizedGraph';

/**
 * Leaves no Relu or Clip between an integer node and its QuantizeLinear: it goes where quantization clips just as it does; else it gets
 * quantizers of its own, with the same scale, which changes no code as quantization keeps the order of numbers. onnxruntime fuses
 * nothing across a Clip that clips more, and its 1.30 does not even load some models with one.
 * @param plan with the nodes of `graph`; they stay in it
 */
export function simplifyClips(
  graph: Graph,
  { nodes, chain }: Pick<ActivationPlan, 'nodes' | 'chain'>,
  files: ExternalFiles,
): Graph {
  const quantized = new QuantizedGraph(graph);
  const freshName = graph.freshNames();
  return graph.edit(({ main }) => {
    for (const { node } of [...nodes, ...chain]) {
      const result = quantized.quantized(node);
      if (!result?.clip) continue;
      const { clip, quantize, scale, zeroPoint } = result;
      const float = clip.input[0]!;
      if (clippedCodes(clip, result, quantized, files)?.all) {
        main.draft(quantize).input[0] = float;
        main.replaceNode(clip, []);
      } else {
        const [codes, numbers] = [freshName(`${float}_quantized`), freshName(`${float}_dequantized`)];
        const draft = main.draft(clip);
        draft.input[0] = numbers;
        main.replaceNode(clip, [
          makeNode('QuantizeLinear', [float, scale, zeroPoint], codes),
          makeNode('DequantizeLinear', [codes, scale, zeroPoint], numbers),
          draft,
        ]);
      }
    }
  });
}
