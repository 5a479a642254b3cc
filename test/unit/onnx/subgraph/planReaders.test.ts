import { describe, expect, it } from 'vitest';
import type { NodeProto } from 'onnx-buf';
import { beforeSoftmax } from '../../../../src/onnx/subgraph/beforeSoftmax';
import { planReaders } from '../../../../src/onnx/subgraph/planReaders';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

function graphOf(nodes: readonly NodeProto[]) {
  const weights = new Set(nodes.flatMap(({ input }) => input).filter((name) => name.startsWith('w')));
  return inspect(
    model({
      nodes: [...nodes],
      inputs: [value('x', [2, 2])],
      outputs: [value('y', [2, 2])],
      initializers: [...weights].map((name) => floats(name, [2, 2], [1, 2, 3, 4])),
    }),
  ).graph;
}

function readersOf(
  nodes: readonly NodeProto[],
  tensor: string,
  reads: (node: NodeProto) => boolean = () => true,
) {
  const plan = planReaders(graphOf(nodes), tensor, reads);
  return { nodes: plan.nodes.map(({ output }) => output[0]), cut: plan.cut, outputs: plan.outputs };
}

describe('the readers of an activation', () => {
  it('are the next products, behind what is on the way and with their Relu', () => {
    const nodes = [
      node('Sigmoid', ['x'], 'a'),
      node('Tanh', ['a'], 'b'),
      node('Mul', ['a', 'b'], 'c'),
      node('MatMul', ['c', 'w1'], 'd'),
      node('Relu', ['d'], 'e'),
      node('MatMul', ['e', 'w2'], 'f'),
      node('Add', ['f', 'x'], 'y'),
    ];
    expect(readersOf(nodes, 'b')).toEqual({ nodes: ['c', 'd', 'e'], cut: ['a'], outputs: ['e'] });
    expect(readersOf(nodes, 'a')).toEqual({ nodes: ['b', 'c', 'd', 'e'], cut: [], outputs: ['e'] });
    expect(readersOf(nodes, 'e')).toEqual({ nodes: ['f'], cut: [], outputs: ['f'] });
  });

  it('are the outputs of the model where no product is on the way', () => {
    const nodes = [
      node('MatMul', ['x', 'w1'], 'a'),
      node('Shape', ['a'], 'size'),
      node('Reshape', ['a', 'size'], 'b'),
      node('Softmax', ['b'], 'y'),
    ];
    expect(readersOf(nodes, 'a')).toEqual({ nodes: ['b', 'y'], cut: ['size'], outputs: ['y'] });
    expect(readersOf(nodes, 'y')).toEqual({ nodes: [], cut: [], outputs: ['y'] });
  });

  it('leaves out those that read it in float', () => {
    const nodes = [
      node('MatMul', ['x', 'w1'], 'a'),
      node('MatMul', ['x', 'w2'], 'b'),
      node('Mul', ['a', 'b'], 'y'),
    ];
    const reads = ({ output }: NodeProto) => output[0] === 'b';
    expect(readersOf(nodes, 'x', reads)).toEqual({ nodes: ['b'], cut: [], outputs: ['b'] });
  });
});

describe('all that is behind an activation', () => {
  it('is followed through products as far as is wanted', () => {
    const graph = graphOf([
      node('MatMul', ['x', 'w1'], 'a'),
      node('MatMul', ['a', 'w2'], 'b'),
      node('Add', ['b', 'x'], 'c'),
      node('Softmax', ['c'], 'y'),
    ]);
    const plan = (end: string) => planReaders(graph, 'a', () => true, new Set([end]));
    expect(plan('y').nodes.map(({ output }) => output[0])).toEqual(['b', 'c', 'y']);
    expect(plan('y')).toMatchObject({ cut: ['x'], outputs: ['y'] });
    expect(plan('c').outputs).toEqual(['c']);
  });
});

describe('the scores before a Softmax', () => {
  it('are found through nodes that move values', () => {
    const graph = graphOf([
      node('MatMul', ['x', 'w1'], 'a'),
      node('Softmax', ['a'], 'b'),
      node('Transpose', ['b'], 'y'),
    ]);
    expect(beforeSoftmax(graph, 'y')).toBe('a');
    expect(beforeSoftmax(graph, 'a')).toBeNull();
    expect(beforeSoftmax(graph, 'x')).toBeNull();
  });
});
