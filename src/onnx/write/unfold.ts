import type { NodeProto, TensorProto } from 'onnx-buf';
import { elementBits } from '../file/elementTypes';
import { isExternal } from '../file/externalData';
import { elementCount, tensorShape } from '../file/shapes';
import { tensorByteLength } from '../file/tensor';
import type { Graph } from '../graph/Graph';
import { subgraphs } from '../graph/nodes';

/** Bytes that a node takes in a file, roughly: operators and names. */
const NODE_BYTES = 64;
/** Nodes that are put back for one constant; longer computations stay folded. */
const MAX_NODES = 16;

/** The nodes that compute a constant in the source. */
interface Computation {
  readonly nodes: ReadonlySet<NodeProto>;
  /** Constants of the source that it needs, and that are not in the folded graph. */
  readonly constants: ReadonlyMap<string, TensorProto>;
}

/**
 * The folded graph with those constants computed again that take more room than what they are computed of: zeros that ConstantOfShape
 * makes, or a weight in two forms, of which one is the other's Transpose.
 * @param weights names of constants that are to be quantized: of these elements count, whatever their type
 */
export function unfold(source: Graph, folded: Graph, weights: ReadonlySet<string>): Graph {
  const { definitions } = folded.main;
  const nodes = new Set<NodeProto>();
  const constants = new Map<string, TensorProto>();
  return folded.edit(({ main }) => {
    for (const tensor of folded.model.graph.initializer) {
      const computation = computationOf(tensor.name);
      if (!computation) continue;
      const size = (each: TensorProto) =>
        weights.has(tensor.name)
          ? (elementCount(tensorShape(each)) * (elementBits(tensor.dataType) ?? 0)) / 8
          : tensorByteLength(each);
      const needed = [...computation.constants.values()].reduce((sum, each) => sum + size(each), 0);
      if (size(tensor) <= needed + computation.nodes.size * NODE_BYTES) continue;
      for (const node of computation.nodes) nodes.add(node);
      for (const [name, each] of computation.constants) constants.set(name, each);
      main.replaceInitializer(tensor, []);
    }
    main.addInitializers([...constants.values()]);
    // In the source's order, producers before their consumers.
    main.addFirst(source.nodes.filter((node) => nodes.has(node)));
  });

  /** Null if `name` is computed of anything but constants and inputs, or of what the folding took away. */
  function computationOf(name: string): Computation | null {
    const found = { nodes: new Set<NodeProto>(), constants: new Map<string, TensorProto>() };
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const there = next === name ? undefined : definitions.get(next);
      if (next === '' || there?.kind === 'input' || there?.kind === 'constant') continue;
      const definition = source.main.definitions.get(next);
      if (there || !definition || definition.kind === 'input') return null;
      if (definition.kind === 'constant') {
        const { tensor, sparse } = definition.constant;
        if (sparse || isExternal(tensor)) return null;
        found.constants.set(next, tensor);
      } else if (!found.nodes.has(definition.node)) {
        const { node } = definition;
        const clashes = node.output.some((output) => output !== name && definitions.has(output));
        if (clashes || subgraphs(node).length > 0 || found.nodes.size === MAX_NODES) return null;
        found.nodes.add(node);
        open.push(...node.input);
      }
    }
    return found.nodes.size > 0 ? found : null;
  }
}
