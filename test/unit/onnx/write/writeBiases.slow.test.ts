/** Biases written into graphs, run in onnxruntime beside the same graphs without. */
import { describe, expect, it } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { RuntimeModel, toTensor } from '../../../../src/engine/runtime/RuntimeModel';
import { biasPlace, type BiasPlace } from '../../../../src/onnx/read/biasPlace';
import { weightUses } from '../../../../src/onnx/subgraph/weightUses';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import { withBiases } from '../../../../src/onnx/write/writeBiases';
import { constant, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

interface Case {
  readonly nodes: readonly NodeProto[];
  readonly weight: readonly number[];
  readonly others?: readonly TensorProto[];
  readonly input?: readonly number[];
}

const MATRIX = [2, 3];
const PICTURE = [1, 2, 4, 4];
const OLD = floats('b', [3], [1, 2, 3]);
const NEW = Float32Array.of(10, 20, 30);

function make({ nodes, weight, others = [], input = [1, 2] }: Case) {
  const count = weight.reduce((a, b) => a * b);
  const inspected = inspect(
    model({
      nodes: [...nodes],
      inputs: [value('x', input)],
      outputs: [value('y', [])],
      initializers: [
        floats(
          'w',
          weight,
          Array.from({ length: count }, (_, i) => i - 3),
        ),
        ...others,
      ],
    }),
  );
  const layer = [...inspected.layers.values()].find(({ constant: { name } }) => name === 'w')!;
  const nodesOfWeight = weightUses(inspected.graph, 'w');
  const place =
    typeof nodesOfWeight === 'string' ? nodesOfWeight : biasPlace(inspected.graph, nodesOfWeight, layer);
  return { inspected, place, input };
}

async function run(graph: ReturnType<typeof inspect>['graph'], shape: readonly number[]) {
  const session = await RuntimeModel.load(withOutputs(graph, NO_FILES, []));
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i % 5) - 1);
  const results = await session.run(new Map([['x', toTensor({ type: 'float32', shape, data })]]));
  await session.release();
  return results.get('y')!;
}

/** Expects the new bias less the old one, channel by channel, on the results. */
async function expectDifference(each: Case, old: Float32Array): Promise<BiasPlace> {
  const { inspected, place, input } = make(each);
  if (typeof place === 'string') throw new Error(place);
  expect(place.channels).toBe(3);
  const before = await run(inspected.graph, input);
  const after = await run(withBiases(inspected.graph, new Map([[place, NEW]])), input);
  const { shape } = before;
  expect(after.shape).toEqual(shape);
  const axis = place.axis === -1 ? shape.length - 1 : 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const differences = Array.from(after.data, (each, i) => Number(each) - Number(before.data[i]));
  expect(differences).toEqual(
    differences.map((_, i) => {
      const channel = Math.floor(i / inner) % 3;
      return NEW[channel]! - old[channel]!;
    }),
  );
  return place;
}

const NONE = new Float32Array(3);
const ONE_TO_THREE = Float32Array.of(1, 2, 3);

describe('a bias', () => {
  it.each<[string, Case, Float32Array]>([
    ['Gemm', { nodes: [node('Gemm', ['x', 'w', 'b'], 'y')], weight: MATRIX, others: [OLD] }, ONE_TO_THREE],
    ['Gemm without', { nodes: [node('Gemm', ['x', 'w'], 'y')], weight: MATRIX }, NONE],
    [
      'Conv',
      { nodes: [node('Conv', ['x', 'w', 'b'], 'y')], weight: [3, 2, 3, 3], others: [OLD], input: PICTURE },
      ONE_TO_THREE,
    ],
    ['Conv without', { nodes: [node('Conv', ['x', 'w'], 'y')], weight: [3, 2, 1, 1], input: PICTURE }, NONE],
    [
      'Conv with a Constant',
      { nodes: [constant(OLD), node('Conv', ['x', 'w', 'b'], 'y')], weight: [3, 2, 1, 1], input: PICTURE },
      ONE_TO_THREE,
    ],
    [
      'ConvTranspose',
      { nodes: [node('ConvTranspose', ['x', 'w'], 'y')], weight: [2, 3, 2, 2], input: PICTURE },
      NONE,
    ],
    [
      'MatMul with an Add',
      {
        nodes: [node('MatMul', ['x', 'w'], 'p'), node('Add', ['b', 'p'], 'y')],
        weight: MATRIX,
        others: [OLD],
      },
      ONE_TO_THREE,
    ],
    ['MatMul without', { nodes: [node('MatMul', ['x', 'w'], 'y')], weight: MATRIX }, NONE],
    [
      'one for all channels',
      {
        nodes: [node('MatMul', ['x', 'w'], 'p'), node('Add', ['p', 'b'], 'y')],
        weight: MATRIX,
        others: [floats('b', [1, 1, 1], [5])],
      },
      Float32Array.of(5, 5, 5),
    ],
  ])('of %s is replaced or added', async (_, each, old) => {
    await expectDifference(each, old);
  });

  it('that others read stays for them', async () => {
    const place = await expectDifference(
      {
        nodes: [
          node('Gemm', ['x', 'w', 'b'], 'g'),
          node('Mul', ['b', 'zero'], 'm'),
          node('Add', ['g', 'm'], 'y'),
        ],
        weight: MATRIX,
        others: [OLD, floats('zero', [1], [0])],
      },
      ONE_TO_THREE,
    );
    expect(place.bias!.name).toBe('b');
  });

  it.each<[string, Case]>([
    [
      'it scales its bias',
      { nodes: [halved(node('Gemm', ['x', 'w', 'b'], 'y'))], weight: MATRIX, others: [OLD] },
    ],
    [
      'its bias is computed',
      { nodes: [node('Relu', ['x'], 'r'), node('Gemm', ['x', 'w', 'r'], 'y')], weight: [2, 2] },
    ],
    [
      'several nodes share its weight',
      { nodes: [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'w'], 'y')], weight: [2, 2] },
    ],
    [
      'its weight is no second factor',
      { nodes: [node('MatMul', ['w', 'x'], 'y')], weight: [2, 2], input: [2, 1] },
    ],
  ])('is not found where %s', (reason, each) => {
    expect(make(each).place).toBe(reason);
  });
});

/** A Gemm that multiplies its bias by a half. */
function halved(gemm: NodeProto): NodeProto {
  gemm.attribute.push(create(AttributeProtoSchema, { name: 'beta', type: AttributeType.FLOAT, f: 0.5 }));
  return gemm;
}
