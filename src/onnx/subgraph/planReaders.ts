import type { NodeProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';
import { isStandard } from '../graph/nodes';
import { behindClip } from '../qdq/clips';
import { whatTheyRead } from './planPart';
import { readNames } from './readNames';

/** The part of a model from an activation to the results of the layers that read it. */
export interface ReadersPlan {
  readonly tensor: string;
  /** Nodes of the main graph, in its order, and those of constants that they need. */
  readonly nodes: readonly NodeProto[];
  /** Values that they read of the rest. */
  readonly cut: readonly string[];
  /** Values that an error of the activation is measured in. */
  readonly outputs: readonly string[];
  /** Whether a node that reads the activation reads its codes. */
  readonly reads: (node: NodeProto) => boolean;
}

/** Products, in whose results an activation's error is measured. */
const PRODUCTS: ReadonlySet<string> = new Set([
  ...['Conv', 'ConvTranspose', 'MatMul', 'Gemm', 'LSTM', 'GRU', 'RNN'],
]);
/** Operators whose result does not depend on the values that they read. */
const SIZES: ReadonlySet<string> = new Set(['Shape', 'Size']);
/** Nodes on the way to the products; a value that only reaches further ones is measured itself. */
const MAX_NODES = 24;

/**
 * Finds what an activation does to the layers that read it: follows it through nodes without weights as far as the next products or the model's
 * outputs. There its error is measured, of products behind their Relu or Clip.
 * @param reads whether a node that reads the activation reads what quantization makes of it
 * @param ends where it is followed to and measured instead, as far as it gets there
 */
export function planReaders(
  graph: Graph,
  tensor: string,
  reads: (node: NodeProto) => boolean,
  ends: ReadonlySet<string> | null = null,
): ReadersPlan {
  const reached = new Set([tensor]);
  const nodes = new Set<NodeProto>();
  const outputs = new Set<string>();
  for (const node of graph.nodes) {
    if (SIZES.has(node.opType)) continue;
    const names = readNames(node).filter((name) => reached.has(name) && (name !== tensor || reads(node)));
    if (names.length === 0) continue;
    if (!ends && nodes.size >= MAX_NODES) for (const name of names) outputs.add(name);
    else if (!ends && isStandard(node) && PRODUCTS.has(node.opType)) {
      const result = behindClip(graph, node.output[0]!);
      nodes.add(node).add(graph.producer(result)!);
      outputs.add(result);
    } else {
      nodes.add(node);
      for (const name of node.output) if (name !== '') reached.add(name);
    }
  }
  for (const name of reached)
    if (name !== tensor && (ends ? ends.has(name) : graph.isOutput(name))) outputs.add(name);
  if (outputs.size === 0) outputs.add(tensor);
  const made = new Set([tensor, ...[...nodes].flatMap(({ output }) => output)]);
  const { cut, constants } = whatTheyRead(graph.main, [...nodes], made);
  return {
    tensor,
    nodes: graph.nodes.filter((node) => nodes.has(node) || constants.has(node)),
    cut,
    outputs: [...outputs],
    reads,
  };
}
