import type { ExternalFiles } from '../file/externalData';
import { GraphEdits } from '../graph/GraphEdits';
import type { InspectedModel } from '../read/inspectModel';
import { makeNode } from '../file/protos';
import { nameGenerator } from '../graph/uniqueNames';
import { clippedCodes } from './clippedCodes';
import { namesIn } from './namesIn';
import type { ActivationPlan } from './planActivations';
import { QuantizedGraph } from './QuantizedGraph';

/**
 * Leaves no Relu or Clip between an integer node and its QuantizeLinear, in place: it goes where quantization clips
 * just as it does; else it gets quantizers of its own, with the same scale, which changes no code as quantization keeps
 * the order of numbers. onnxruntime fuses nothing across a Clip that clips more, and its 1.30 does not even load some
 * models with one.
 */
export function simplifyClips(
  model: InspectedModel,
  { nodes, chain }: ActivationPlan,
  files: ExternalFiles,
): void {
  const quantized = new QuantizedGraph(model);
  const freshName = nameGenerator(namesIn(model), '_');
  const edits = new GraphEdits(model.model.graph);
  for (const { node } of [...nodes, ...chain]) {
    const result = quantized.quantized(node);
    if (!result?.clip) continue;
    const { clip, quantize, scale, zeroPoint } = result;
    const [float, ...ends] = clip.input;
    if (clippedCodes(clip, result, quantized.constants, files)?.all) {
      quantize.input = [float!, ...quantize.input.slice(1)];
      edits.replaceNode(clip, []);
    } else {
      const [codes, numbers] = [freshName(`${float}_quantized`), freshName(`${float}_dequantized`)];
      clip.input = [numbers, ...ends];
      edits.replaceNode(clip, [
        makeNode('QuantizeLinear', [float!, scale, zeroPoint], codes),
        makeNode('DequantizeLinear', [codes, scale, zeroPoint], numbers),
        clip,
      ]);
    }
  }
  edits.apply();
}
