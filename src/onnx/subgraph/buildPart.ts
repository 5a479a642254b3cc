import { elementTypeCode } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import { makeNode } from '../file/protos';
import { tensorShape } from '../file/shapes';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { Graph } from '../graph/Graph';
import { quantizerNodes } from '../qdq/quantizerNodes';
import { serializeWhole } from '../write/serializeModel';
import { extractPart, valueInfo } from './extractPart';
import type { PartPlan } from './planPart';

/** A model of its own that has the weight among its inputs. */
export interface PartModel {
  readonly bytes: Uint8Array;
  /** Name of the input for the weight. */
  readonly weight: string;
}

/**
 * Serializes a part of a model, with the external data that it needs.
 * @param cutTypes element type of every value of the plan's cut, as `elementTypeName` names them
 * @param quantizers of values inside the part that the weight's own nodes are to read quantized; needs opset 10
 * @throws UserError as `serializeWhole`
 */
export function buildPart(
  graph: Graph,
  files: ExternalFiles,
  plan: PartPlan,
  cutTypes: ReadonlyMap<string, string>,
  quantizers: ReadonlyMap<string, AffineQuantizer> = new Map(),
): PartModel {
  const { constant } = plan;
  const inMain = constant.scope === graph.main;
  const weight = inMain ? constant.name : graph.freshNames()(`${constant.name}_fed`);
  const { model, nodes } = inMain ? graph : fedFromOutside(graph, plan, weight);
  const wanted = new Set(plan.nodes);
  const outputs = new Set(plan.outputs);
  const part = extractPart(model, {
    nodes: nodes.filter((_, i) => wanted.has(graph.nodes[i]!)),
    inputs: [
      ...plan.cut.map((value) => valueInfo(value, elementTypeCode(cutTypes.get(value)!)!, null)),
      valueInfo(weight, constant.tensor.dataType, tensorShape(constant.tensor)),
    ],
    outputs: model.graph.output.filter(({ name }) => outputs.has(name)),
  });
  const whole = new Graph(part);
  const quantized = quantizers.size === 0 ? whole : quantizedFor(whole, constant.name, quantizers);
  return { weight, bytes: serializeWhole(quantized, files) };
}

/** The graph with what the weight's nodes read rounded to codes, as it is where those compute in integers. */
function quantizedFor(graph: Graph, weight: string, quantizers: ReadonlyMap<string, AffineQuantizer>): Graph {
  const freshName = graph.freshNames();
  return graph.edit(({ main }) => {
    for (const [name, quantizer] of quantizers) {
      const producer = graph.producer(name);
      if (!producer) continue;
      const result = freshName(`${name}_dequantized`);
      const { nodes, initializers } = quantizerNodes({ tensor: name, result, name }, quantizer, freshName);
      main.addBehind(producer, nodes);
      main.addInitializers(initializers);
      for (const node of graph.nodes) {
        if (!node.input.includes(weight) || !node.input.includes(name)) continue;
        const draft = main.draft(node);
        draft.input = draft.input.map((input) => (input === name ? result : input));
      }
    }
  });
}

/** The graph with the weight of an inner graph read from outside; its main graph has the same nodes, in the same order. */
function fedFromOutside(graph: Graph, { constant }: PartPlan, weight: string): Graph {
  const fed = makeNode('Identity', [weight], constant.name);
  return graph.edit((edits) => {
    const inner = edits.in(constant.scope);
    if (constant.node) inner.replaceNode(constant.node, [fed]);
    else inner.replaceInitializer(constant.tensor, [fed]);
  });
}
