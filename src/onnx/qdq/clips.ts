import type { Graph } from '../graph/Graph';

/** Operators that the scale is taken behind, as quantization clips as well (see `simplifyClips`). */
export const CLIPS: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** The output of the Relu or Clip that alone reads `output`, both in the main graph; else `output` itself. */
export function behindClip(graph: Graph, output: string): string {
  const consumer = graph.soleConsumer(output);
  return consumer && CLIPS.has(consumer.opType) && consumer.input[0] === output
    ? consumer.output[0]!
    : output;
}
