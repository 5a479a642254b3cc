import { describe, expect, it } from 'vitest';
import type { NodeProto } from 'onnx-buf';
import { planActivations } from '../../../../src/onnx/qdq/planActivations';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

/** The plan of a model of 2 x 2 matrices; every name that begins with a w is a weight. */
function planOf(nodes: readonly NodeProto[], floatResults = true) {
  const weights = new Set(nodes.flatMap(({ input }) => input).filter((name) => name.startsWith('w')));
  const inspected = inspect(
    model({
      nodes: [...nodes],
      inputs: [value('x', [2, 2])],
      outputs: [value('y', [2, 2])],
      initializers: [...weights].map((name) => floats(name, [2, 2], [1, 2, 3, 4])),
    }),
  );
  const plan = planActivations(
    inspected,
    new Set(inspected.layers.keys()),
    new Set(),
    new Set(),
    floatResults,
  );
  const inFloat = plan.nodes.flatMap(({ floatResult, output }) => (floatResult ? [output] : []));
  return { tensors: plan.tensors, inFloat, chain: plan.chain.map(({ output }) => output) };
}

describe('results that stay float', () => {
  const nodes = [
    node('MatMul', ['x', 'w1'], 'a', {}, 'first'),
    node('MatMul', ['a', 'w2'], 'b', {}, 'second'),
    node('Erf', ['b'], 'c'),
    node('MatMul', ['c', 'w3'], 'y', {}, 'third'),
  ];

  it('are those of products that no other product reads as they are', () => {
    expect(planOf(nodes)).toEqual({ tensors: ['x', 'a', 'c'], inFloat: ['b', 'y'], chain: [] });
    expect(planOf(nodes, false)).toEqual({ tensors: ['x', 'a', 'b', 'c', 'y'], inFloat: [], chain: [] });
  });

  it('are left behind by the nodes that would compute on their codes', () => {
    const moved = [
      node('MatMul', ['x', 'w1'], 'a', {}, 'first'),
      node('Transpose', ['a'], 'b'),
      node('MatMul', ['b', 'w2'], 'y', {}, 'second'),
    ];
    expect(planOf(moved)).toEqual({ tensors: ['x', 'b'], inFloat: ['a', 'y'], chain: [] });
    expect(planOf(moved, false)).toEqual({ tensors: ['x', 'a', 'y'], inFloat: [], chain: ['b'] });
  });

  it('are none of convolutions', () => {
    const conv = inspect(
      model({
        nodes: [node('Conv', ['x', 'w'], 'y', {}, 'conv')],
        inputs: [value('x', [1, 1, 4, 4])],
        outputs: [value('y', [1, 1, 4, 4])],
        initializers: [floats('w', [1, 1, 1, 1], [2])],
      }),
    );
    const plan = planActivations(conv, new Set(conv.layers.keys()), new Set(), new Set(), true);
    expect(plan.nodes.map(({ floatResult }) => floatResult)).toEqual([false]);
    expect(plan.tensors).toEqual(['x', 'y']);
  });
});
