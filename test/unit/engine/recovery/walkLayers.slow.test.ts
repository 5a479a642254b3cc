/** A walk beside the whole model run once for each layer, with the weights that the walk had by then. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from 'onnxruntime-node';
import type { NodeProto } from 'onnx-buf';
import { Random } from '../../../../src/engine/data/random';
import type { SampleList } from '../../../../src/engine/data/calibrationSamples';
import type { ExternalFolder } from '../../../../src/engine/io/ExternalFolder';
import { walkLayers, type LayerChange, type WalkOptions } from '../../../../src/engine/recovery/walkLayers';
import { RuntimeModel, toTensor, valueOf } from '../../../../src/engine/runtime/RuntimeModel';
import { embedded } from '../../../../src/onnx/file/externalData';
import { toBytes } from '../../../../src/onnx/file/protos';
import { mapTensors } from '../../../../src/onnx/graph/tensors';
import type { InspectedModel } from '../../../../src/onnx/read/inspectModel';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const SIZE = 6;
const files = NO_FILES as unknown as ExternalFolder;

/** An attention block with a residual, between two products, the last one with its weight transposed in the model. */
function net(): InspectedModel {
  const random = new Random(7);
  const weight = (name: string) =>
    floats(
      name,
      [SIZE, SIZE],
      Array.from({ length: SIZE ** 2 }, () => random.normal() / 2),
    );
  return inspect(
    model({
      nodes: [
        node('MatMul', ['x', 'first'], 'a', {}, 'first'),
        node('Tanh', ['a'], 'b'),
        node('MatMul', ['b', 'q'], 'queries', {}, 'q'),
        node('MatMul', ['b', 'k'], 'keys', {}, 'k'),
        node('Transpose', ['keys'], 'turned', { perm: [1, 0] }),
        node('MatMul', ['queries', 'turned'], 'scores'),
        node('Softmax', ['scores'], 'weights', { axis: 1 }),
        node('MatMul', ['b', 'v'], 'values', {}, 'v'),
        node('MatMul', ['weights', 'values'], 'mixed'),
        node('Add', ['mixed', 'x'], 'sum'),
        node('Transpose', ['last'], 'lastTurned', { perm: [1, 0] }),
        node('MatMul', ['sum', 'lastTurned'], 'y', {}, 'last'),
      ],
      inputs: [value('x', ['rows', SIZE])],
      outputs: [value('y', ['rows', SIZE])],
      initializers: ['first', 'q', 'k', 'v', 'last'].map(weight),
    }),
  );
}

function samplesOf(count: number): SampleList {
  const random = new Random(3);
  const samples = Array.from({ length: count }, (_, i) => {
    const shape = [2 + (i % 3), SIZE];
    const data = Float32Array.from({ length: shape[0]! * SIZE }, () => random.normal());
    return new Map([['x', toTensor({ type: 'float32', shape, data })]]);
  });
  const none = () => expect.unreachable();
  return { count, labels: null, read: () => samples, readInput: none, files: none, options: none };
}

/** The whole model's value with some weights changed. */
async function wholeRun(
  { graph }: InspectedModel,
  weights: ReadonlyMap<string, Float32Array>,
  name: string,
  sample: ReadonlyMap<string, Tensor>,
): Promise<readonly number[]> {
  const changed = mapTensors(graph, (tensor) => {
    const values = weights.get(tensor.name);
    return values ? embedded(tensor, toBytes(values)) : tensor;
  });
  const session = await RuntimeModel.load(withOutputs(changed, NO_FILES, [name]));
  const outputs = await session.runTensors(sample);
  await session.release();
  return numbers((outputs.get(name) ?? sample.get(name))!);
}

const numbers = (tensor: Tensor) => Array.from(valueOf(tensor).data, Number);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...actual.map((each, i) => Math.abs(each - expected[i]!)))).toBeLessThan(1e-5);
}

const activationOf = ({ input }: NodeProto) =>
  input.find((name) => !['first', 'q', 'k', 'v', 'lastTurned'].includes(name))!;
const never = () => Promise.resolve();

describe('a walk through layers', () => {
  let inspected: InspectedModel;
  beforeAll(() => {
    inspected = net();
  });
  const walk = (
    samples: SampleList,
    options: Partial<WalkOptions>,
    visit: Parameters<typeof walkLayers>[3],
  ) =>
    walkLayers(
      { ...inspected, files },
      samples,
      { at: 'input', layers: new Set(inspected.layers.keys()), ...options },
      visit,
      never,
    );

  it('hands over what each reads in the model as changed so far, and in the unchanged one', async () => {
    const samples = samplesOf(4);
    const feeds = [...samples.read()];
    const weights = new Map<string, Float32Array>();
    const visited: string[] = [];
    const { outputs, left } = await walk(samples, { reference: true, outputs: true }, async (turn) => {
      const name = activationOf(turn.nodes[0]!);
      // Layers of one segment are changed together.
      const before = new Map(weights);
      visited.push(turn.layer);
      for (let sample = 0; sample < turn.samples; sample++) {
        const feed = feeds[sample]!;
        expectClose(numbers(turn.value(name, sample)), await wholeRun(inspected, before, name, feed));
        expectClose(numbers(turn.reference(name, sample)), await wholeRun(inspected, new Map(), name, feed));
      }
      const random = new Random(visited.length);
      const weight = Float32Array.from({ length: SIZE ** 2 }, () => random.normal() / 2);
      weights.set(turn.layer, weight);
      return { weight };
    });
    expect(left.size).toBe(0);
    expect(visited).toEqual(['first', 'q', 'k', 'v', 'last']);
    for (const [sample, feed] of feeds.entries())
      expectClose(numbers(outputs[sample]!.get('y')!), await wholeRun(inspected, weights, 'y', feed));
  });

  it('adds to what a layer gives before anything behind it computes', async () => {
    const samples = samplesOf(2);
    const added = Float32Array.from({ length: SIZE }, (_, i) => i - 2);
    const change: LayerChange = { added, axis: 1 };
    const read: number[][] = [];
    await walk(samples, { at: 'output', layers: new Set(['first', 'q']) }, ({ layer, nodes, value }) => {
      if (layer === 'q') read.push(numbers(value(nodes[0]!.input[0]!, 1)));
      return Promise.resolve(layer === 'first' ? change : null);
    });
    const sums = await wholeRun(inspected, new Map(), 'a', [...samples.read()][1]!);
    expectClose(
      read[0]!,
      sums.map((sum, i) => Math.tanh(sum + added[i % SIZE]!)),
    );
  });

  it('gives up the last samples where there is no room, and goes on with the others', async () => {
    const samples = samplesOf(9);
    const counts: number[] = [];
    const all = { reference: false, outputs: true };
    const { outputs } = await walk(samples, { ...all, maxBytes: 900 }, ({ samples: count }) => {
      counts.push(count);
      return Promise.resolve(null);
    });
    expect(counts.toSorted((a, b) => b - a)).toEqual(counts);
    expect(counts.at(-1)).toBeLessThan(9);
    expect(outputs).toHaveLength(counts.at(-1)!);
    const one = await walk(samples, { ...all, maxBytes: 1 }, ({ samples: count }) => {
      expect(count).toBe(1);
      return Promise.resolve(null);
    });
    expectClose(
      numbers(one.outputs[0]!.get('y')!),
      await wholeRun(inspected, new Map(), 'y', [...samples.read()][0]!),
    );
  });
});
