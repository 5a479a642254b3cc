/** Parts of models behind a weight, run in onnxruntime beside the whole model with another weight. */
import { describe, expect, it } from 'vitest';
import { elementTypeName } from '../../../../src/onnx/file/elementTypes';
import { buildPart } from '../../../../src/onnx/subgraph/buildPart';
import { planPart } from '../../../../src/onnx/subgraph/planPart';
import { RuntimeModel, toTensor } from '../../../../src/engine/runtime/RuntimeModel';
import { bytesOf, floats, graph, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const numbers = (shape: number[], data: number[], type = 'float32') =>
  toTensor({ type, shape, data: Float32Array.from(data) });
const X = numbers([1, 2], [3, -1]);
/** Two products one after the other, and an output beside them. */
const chain = (second: number[]) =>
  model({
    nodes: [
      node('MatMul', ['x', 'first'], 'h', {}, 'one'),
      node('Relu', ['h'], 'r'),
      node('MatMul', ['r', 'second'], 'm', {}, 'two'),
      node('Exp', ['shift'], 'constant'),
      node('Add', ['m', 'constant'], 'y'),
      node('Neg', ['r'], 'beside'),
    ],
    inputs: [value('x', [1, 2])],
    outputs: [value('y', [1, 2]), value('beside', [1, 2])],
    initializers: [
      floats('first', [2, 2], [1, 2, 3, 4]),
      floats('second', [2, 2], second),
      floats('shift', [1], [0]),
    ],
  });
const OTHER = [5, 6, 7, 8];

async function run(bytes: Uint8Array, feeds: ReadonlyMap<string, typeof X>) {
  const session = await RuntimeModel.load(bytes);
  const outputs = await session.run(feeds);
  await session.release();
  return new Map([...outputs].map(([name, { data }]) => [name, Array.from(data, Number)]));
}

describe('the part of a model behind a weight', () => {
  const inspected = inspect(bytesOf(chain([1, 1, 1, 1])));
  const layer = inspected.layers.get('two')!;

  it('is what the weight reaches, with the constants that it needs', () => {
    const plan = planPart(inspected, layer.constant);
    if (typeof plan === 'string') throw new Error(plan);
    expect(plan.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Exp', 'Add']);
    expect(plan.cut).toEqual(['r']);
    expect(plan.outputs).toEqual(['y']);
  });

  it('computes with a fed weight what the whole model does with it written', async () => {
    const plan = planPart(inspected, layer.constant);
    if (typeof plan === 'string') throw new Error(plan);
    const part = buildPart(inspected.graph, NO_FILES, plan, new Map([['r', 'float32']]));
    const whole = await run(bytesOf(chain(OTHER)), new Map([['x', X]]));
    const type = elementTypeName(layer.constant.tensor.dataType);
    const found = await run(
      part.bytes,
      new Map([
        [
          'r',
          numbers(
            [1, 2],
            whole.get('beside')!.map((each) => -each),
          ),
        ],
        [part.weight, numbers([2, 2], OTHER, type)],
      ]),
    );
    expect(found).toEqual(new Map([['y', whole.get('y')!]]));
  });

  it('is fed from outside where the weight is in an inner graph', async () => {
    const branch = (weight: number[]) =>
      graph({
        nodes: [node('MatMul', ['x', 'w'], 'inner', {}, 'inside')],
        outputs: [value('inner', [1, 2])],
        initializers: [floats('w', [2, 2], weight)],
      });
    const branched = (weight: number[]) =>
      bytesOf(
        model({
          nodes: [
            node('ReduceSum', ['x'], 'sum', { keepdims: 0 }),
            node('Cast', ['sum'], 'condition', { to: 9 }),
            node(
              'If',
              ['condition'],
              'y',
              { then_branch: branch(weight), else_branch: branch([9, 9, 9, 9]) },
              'if',
            ),
          ],
          inputs: [value('x', [1, 2])],
          outputs: [value('y', [1, 2])],
        }),
      );
    const inner = inspect(branched([1, 0, 0, 1]));
    const [name, { constant }] = [...inner.layers].find(([, { summary }]) => summary.scope.includes('then'))!;
    const plan = planPart(inner, constant);
    if (typeof plan === 'string') throw new Error(`${name}: ${plan}`);
    const types = new Map(plan.cut.map((each) => [each, each === 'condition' ? 'bool' : 'float32']));
    const part = buildPart(inner.graph, NO_FILES, plan, types);
    const condition = numbers([], [1], 'bool');
    const all = new Map([['x', X], ['condition', condition]]); // prettier-ignore
    const feeds = new Map([...all].filter(([each]) => plan.cut.includes(each)));
    const weight = numbers([2, 2], OTHER);
    expect(await run(part.bytes, feeds.set(part.weight, weight))).toEqual(
      await run(branched(OTHER), new Map([['x', X]])),
    );
  });
});
