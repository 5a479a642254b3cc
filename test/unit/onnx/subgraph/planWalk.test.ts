import { describe, expect, it } from 'vitest';
import type { NodeProto } from 'onnx-buf';
import { planWalk } from '../../../../src/onnx/subgraph/planWalk';
import { floats, graph, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';

const WEIGHT = [1, 2, 3, 4];

/** A model of 2 x 2 matrices; every name that begins with a w is a weight. */
function planOf(nodes: readonly NodeProto[], at: 'input' | 'output' = 'input', outputs = false) {
  const names = new Set(nodes.flatMap(({ input }) => input).filter((name) => name.startsWith('w')));
  const made = model({
    nodes: [...nodes],
    inputs: [value('x', [2, 2]), value('c', [])],
    outputs: [value('y', [2, 2])],
    initializers: [...names].map((name) => floats(name, [2, 2], WEIGHT)),
  });
  const weights = new Map([...names].map((name) => [name, name]));
  const plan = planWalk(inspect(made).graph, weights, { at, outputs });
  return {
    left: plan.left,
    segments: plan.segments.map(({ nodes, sites, reads, gives, ends }) => ({
      nodes: nodes.map(({ output }) => output[0]!),
      sites: sites.map(({ layer }) => layer),
      ...{ reads, gives, ends },
    })),
  };
}

describe('a walk', () => {
  it('visits layers together whose inputs are there at the same time', () => {
    const { segments } = planOf([
      node('MatMul', ['x', 'w1'], 'a'),
      node('Relu', ['a'], 'b'),
      node('MatMul', ['b', 'wq'], 'q'),
      node('MatMul', ['b', 'wk'], 'k'),
      node('MatMul', ['q', 'k'], 's'),
      node('Add', ['s', 'x'], 't'),
      node('MatMul', ['t', 'w2'], 'y'),
    ]);
    expect(segments).toEqual([
      { nodes: [], sites: ['w1'], reads: [], gives: [], ends: [] },
      { nodes: ['a', 'b'], sites: ['wq', 'wk'], reads: ['x'], gives: ['b'], ends: [] },
      { nodes: ['q', 'k', 's', 't'], sites: ['w2'], reads: ['b', 'x'], gives: ['t'], ends: ['x', 'b', 't'] },
    ]);
  });

  it('goes on to the outputs where they are wanted', () => {
    const nodes = [node('MatMul', ['x', 'w1'], 'a'), node('Relu', ['a'], 'y')];
    expect(planOf(nodes).segments.map(({ nodes }) => nodes)).toEqual([[]]);
    expect(planOf(nodes, 'input', true).segments).toEqual([
      { nodes: [], sites: ['w1'], reads: [], gives: [], ends: [] },
      { nodes: ['a', 'y'], sites: [], reads: ['x'], gives: ['y'], ends: ['x'] },
    ]);
  });

  it('computes a layer before its visit where that is behind it', () => {
    const nodes = [
      node('MatMul', ['x', 'w1'], 'a'),
      node('Relu', ['a'], 'b'),
      node('MatMul', ['b', 'w2'], 'y'),
    ];
    expect(planOf(nodes, 'output').segments.map(({ nodes, sites }) => ({ nodes, sites }))).toEqual([
      { nodes: ['a'], sites: ['w1'] },
      { nodes: ['b', 'y'], sites: ['w2'] },
    ]);
  });

  it('waits for all uses of a weight that are there at one time, and for none where they are not', () => {
    const towers = planOf([
      node('Relu', ['x'], 'a'),
      node('Neg', ['x'], 'b'),
      node('MatMul', ['a', 'w'], 'c'),
      node('MatMul', ['b', 'w'], 'd'),
      node('Add', ['c', 'd'], 'e'),
      node('MatMul', ['e', 'w2'], 'y'),
    ]);
    expect(towers.segments.map(({ sites }) => sites)).toEqual([['w'], ['w2']]);
    expect(towers.segments[0]!.nodes).toEqual(['a', 'b']);
    const repeated = planOf([
      node('MatMul', ['x', 'w'], 'a'),
      node('MatMul', ['a', 'w'], 'b'),
      node('MatMul', ['b', 'w2'], 'c'),
      node('MatMul', ['c', 'w'], 'y'),
    ]);
    expect(repeated.segments.map(({ nodes, sites }) => ({ nodes, sites }))).toEqual([
      { nodes: ['a', 'b'], sites: ['w2'] },
      { nodes: ['c'], sites: ['w'] },
    ]);
  });

  it('does not wait for ever where two weights are used crosswise', () => {
    const { segments } = planOf([
      node('MatMul', ['x', 'w1'], 'a'),
      node('MatMul', ['x', 'w2'], 'b'),
      node('MatMul', ['b', 'w1'], 'c'),
      node('MatMul', ['a', 'w2'], 'd'),
      node('Add', ['c', 'd'], 'y'),
    ]);
    expect(segments.flatMap(({ sites }) => sites).toSorted()).toEqual(['w1', 'w2']);
  });

  it('finds layers behind a transposed weight, and names those that it does not meet', () => {
    const body = graph({
      nodes: [node('MatMul', ['x', 'winner'], 'inner')],
      outputs: [value('inner', [2, 2])],
    });
    const { left, segments } = planOf([node('Transpose', ['w1'], 't'), node('MatMul', ['x', 't'], 'y')]);
    expect(left.size).toBe(0);
    expect(segments.flatMap(({ sites }) => sites)).toEqual(['w1']);
    const branched = model({
      nodes: [node('If', ['c'], 'y', { then_branch: body, else_branch: body })],
      inputs: [value('x', [2, 2]), value('c', [])],
      outputs: [value('y', [2, 2])],
      initializers: [floats('winner', [2, 2], WEIGHT)],
    });
    const plan = planWalk(inspect(branched).graph, new Map([['inner', 'winner']]), {
      at: 'input',
      outputs: false,
    });
    expect(plan).toEqual({ segments: [], left: new Map([['inner', 'a subgraph reads its weight']]) });
  });
});
