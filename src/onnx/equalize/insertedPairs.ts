import type { NodeProto } from 'onnx-buf';
import { channelCount } from '../../quant/equalization/ChannelMap';
import { tensorShape } from '../file/shapes';
import { intOf } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';
import { floatConstant } from './constantOperand';
import type { EqualizationPair, EqualizedModel, Reader } from './EqualizationPair';
import { isOnlyUse } from './onlyUse';
import { LAST, type Place } from './Place';
import { readerOperand } from './readerOperand';

/** Products whose cost is far above that of multiplying their input once. */
const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/**
 * Pairs for the matrix products that no other pair has: whatever makes what they read, a Mul in front of them takes up the scales.
 * @param found the other pairs
 */
export function insertedPairs(
  { graph }: EqualizedModel,
  named: ReadonlyMap<ConstantTensor, string>,
  found: readonly EqualizationPair[],
): EqualizationPair[] {
  const { main } = graph;
  const taken = new Set(found.flatMap(({ readers }) => readers.map(({ operand }) => operand.node)));
  const byInput = new Map<string, Reader[]>();
  for (const node of graph.nodes) {
    const reader = PRODUCTS.has(node.opType) && !taken.has(node) ? readerOf(node, main, named) : null;
    if (!reader || !isOnlyUse(graph, named, [reader.operand])) continue;
    const list = byInput.get(reader.input);
    if (list) list.push(reader);
    else byInput.set(reader.input, [reader]);
  }
  return [...byInput].map(([tensor, readers]) => {
    const channels = channelCount(readers[0]!.operand.map);
    return {
      ...{ tensor, channels, source: 'inserted', layer: null, operands: [], through: [] },
      readers: readers.filter(({ operand }) => channelCount(operand.map) === channels),
    };
  });
}

function readerOf(node: NodeProto, main: Scope, named: ReadonlyMap<ConstantTensor, string>): Reader | null {
  const [input] = node.input;
  const weight = floatConstant(node, 1, main);
  const layer = weight ? named.get(weight) : undefined;
  if (!input || main.isConstant(input) || !weight || layer === undefined) return null;
  const shape = tensorShape(weight.tensor);
  if (shape.length < 2) return null;
  const isGemm = node.opType === 'Gemm';
  const inputs = isGemm && intOf(node, 'transB') === 1 ? shape[1]! : shape.at(-2)!;
  const place: Place = isGemm ? { axis: 1, rank: 2, inner: 1 } : LAST;
  const operand = inputs > 0 ? readerOperand(node, 0, place, inputs, main) : null;
  return operand && { layer, operand, input, place };
}
