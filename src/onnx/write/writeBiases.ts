import type { NodeProto } from 'onnx-buf';
import { embedded } from '../file/externalData';
import { constantNode, copyTensor, floatTensor, makeNode, toBytes } from '../file/protos';
import { elementCount, tensorShape } from '../file/shapes';
import type { Graph } from '../graph/Graph';
import type { ConstantTensor } from '../graph/Scope';
import type { BiasPlace } from '../read/biasPlace';
import { makeInitializersPlain } from './plainInitializers';

/**
 * The graph with other biases, one float for each channel. A constant that only its layer reads keeps its name; others stay for those that
 * read them. Where there is none, a node gets one more input, or an Add behind it.
 */
export function withBiases(graph: Graph, biases: ReadonlyMap<BiasPlace, Float32Array>): Graph {
  const freshName = graph.freshNames();
  return graph.edit((edits) => {
    const { main } = edits;
    makeInitializersPlain(graph, edits);
    for (const [{ node, adder, index, bias }, values] of biases) {
      if (adder && bias && isOwn(graph, bias, values.length)) {
        replaceConstant(bias, values);
        continue;
      }
      const [output] = node.output;
      const name = freshName(`${bias?.name ?? output!}_bias`);
      // Of as many axes as the one before, as a sum has those of the summand that has most.
      const ones = bias ? tensorShape(bias.tensor).slice(1).fill(1) : [];
      main.addInitializers([floatTensor(name, [...ones, values.length], values)]);
      if (adder) setInput(main.draft(adder), index, name);
      else {
        const product = freshName(`${output!}_product`);
        main.draft(node).output = [product];
        main.addBehind(node, [makeNode('Add', [product, name], output!)]);
      }
    }

    function replaceConstant({ tensor, node, name }: ConstantTensor, values: Float32Array): void {
      const replaced = copyTensor(embedded(tensor, toBytes(values)), { name, floatData: [] });
      if (node) main.replaceNode(node, [constantNode(replaced)]);
      else main.replaceTensor(tensor, replaced);
    }
  });
}

/** Whether a constant has so many numbers and one reader alone. */
function isOwn(graph: Graph, { name, tensor }: ConstantTensor, count: number): boolean {
  return graph.soleConsumer(name) !== null && elementCount(tensorShape(tensor)) === count;
}

function setInput({ input }: NodeProto, index: number, name: string): void {
  while (input.length < index) input.push('');
  input[index] = name;
}
