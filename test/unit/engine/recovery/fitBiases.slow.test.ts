/** Corrected biases of a small net whose weights are rounded coarsely, beside the float net. */
import { describe, expect, it } from 'vitest';
import type { SampleList } from '../../../../src/engine/data/calibrationSamples';
import { Random } from '../../../../src/engine/data/random';
import type { OpenModel } from '../../../../src/engine/formats/OpenModel';
import type { ExternalFolder } from '../../../../src/engine/io/ExternalFolder';
import { fitBiases } from '../../../../src/engine/recovery/bias/fitBiases';
import { RuntimeModel, toTensor } from '../../../../src/engine/runtime/RuntimeModel';
import { embedded } from '../../../../src/onnx/file/externalData';
import { toBytes } from '../../../../src/onnx/file/protos';
import type { Graph } from '../../../../src/onnx/graph/Graph';
import { mapTensors } from '../../../../src/onnx/graph/tensors';
import { withOutputs } from '../../../../src/onnx/subgraph/withOutputs';
import { withBiases } from '../../../../src/onnx/write/writeBiases';
import { channelSums } from '../../../../src/quant/bias/ChannelSums';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const LAYERS = { conv: 'c', depthwise: 'd', up: 'u', matrix: 'm', last: 'y' } as const;
const STEP = 0.5;

function net(): OpenModel {
  const random = new Random(5);
  const numbers = (name: string, dims: readonly number[]) =>
    floats(
      name,
      [...dims],
      Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal()),
    );
  const inspected = inspect(
    model({
      nodes: [
        node('Conv', ['x', 'w1', 'b1'], 'c', {}, 'conv'),
        node('Relu', ['c'], 'r1'),
        node('Conv', ['r1', 'w2'], 'd', { group: 3 }, 'depthwise'),
        node('Relu', ['d'], 'r2'),
        node('ConvTranspose', ['r2', 'w3'], 'u', {}, 'up'),
        node('Relu', ['u'], 'r3'),
        node('GlobalAveragePool', ['r3'], 'p'),
        node('Flatten', ['p'], 'f'),
        node('MatMul', ['f', 'w4'], 'm', {}, 'matrix'),
        node('Tanh', ['m'], 't'),
        node('Gemm', ['t', 'w5'], 'y', {}, 'last'),
      ],
      inputs: [value('x', [1, 2, 7, 7])],
      outputs: [value('y', [1, 3])],
      initializers: [
        numbers('w1', [3, 2, 3, 3]),
        numbers('b1', [3]),
        numbers('w2', [3, 1, 2, 2]),
        numbers('w3', [3, 4, 2, 2]),
        numbers('w4', [4, 5]),
        numbers('w5', [5, 3]),
      ],
    }),
  );
  return { ...inspected, files: NO_FILES as unknown as ExternalFolder, weights: new Map() };
}

/** The graph with weights rounded to so coarse a grid that means of outputs are far off. */
function rounded(graph: Graph): Graph {
  return mapTensors(graph, (tensor) => {
    if (!tensor.name.startsWith('w')) return tensor;
    const values = new Float32Array(tensor.rawData.slice().buffer);
    return embedded(tensor, toBytes(values.map((each) => STEP * Math.floor(each / STEP))));
  });
}

function samplesOf(count: number, seed: number, sign = 1): SampleList {
  const random = new Random(seed);
  const samples = Array.from({ length: count }, () => {
    const data = Float32Array.from({ length: 98 }, () => sign * Math.abs(random.normal()));
    return new Map([['x', toTensor({ type: 'float32', shape: [1, 2, 7, 7], data })]]);
  });
  const none = () => expect.unreachable();
  return { count, labels: null, read: () => samples, readInput: none, files: none, options: none };
}

/** Sums of all layers' outputs over samples, channel by channel. */
async function outputsOf(graph: Graph, samples: SampleList): Promise<number[][]> {
  const session = await RuntimeModel.load(withOutputs(graph, NO_FILES, Object.values(LAYERS)));
  const sums = Object.values(LAYERS).map(() => [] as number[]);
  for (const sample of samples.read()) {
    const results = await session.run(sample);
    Object.values(LAYERS).forEach((name, layer) => {
      const { data, shape } = results.get(name)!;
      const { sums: own, count } = channelSums(data as ArrayLike<number>, shape, 1);
      own.forEach((sum, c) => (sums[layer]![c] = (sums[layer]![c] ?? 0) + sum / count / samples.count));
    });
  }
  await session.release();
  return sums;
}

const largest = (a: number[][], b: number[][]) =>
  Math.max(...a.flatMap((row, i) => row.map((each, c) => Math.abs(each - b[i]![c]!))));

describe('corrected biases', () => {
  const float = net();
  const layers = Object.keys(LAYERS);
  const pause = () => Promise.resolve();

  it("make the mean error of every layer's outputs zero on their samples", async () => {
    const fitted = samplesOf(12, 1);
    const quantized = rounded(float.graph);
    const { places, biases, left } = await fitBiases(float, quantized, {
      ...{ layers, samples: { fitted, judged: samplesOf(4, 2) }, mayAdd: true, pause },
    });
    expect(left.size).toBe(0);
    expect([...biases.keys()]).toEqual(layers);
    const written = new Map([...biases].map(([layer, bias]) => [places.get(layer)!, bias] as const));
    const corrected = rounded(withBiases(float.graph, written));
    const expected = await outputsOf(float.graph, fitted);
    expect(largest(await outputsOf(quantized, fitted), expected)).toBeGreaterThan(0.5);
    // An Add behind the MatMul has the name of what it gives.
    expect(largest(await outputsOf(corrected, fitted), expected)).toBeLessThan(1e-4);
  });

  it('are not kept where they do not help on other samples', async () => {
    const samples = { fitted: samplesOf(8, 1), judged: samplesOf(4, 2, -1) };
    const { biases } = await fitBiases(float, rounded(float.graph), {
      ...{ layers: ['conv'], samples, mayAdd: true, pause },
    });
    expect(biases.size).toBe(0);
  });

  it('are not added by an operator of their own where that is not wanted', async () => {
    const samples = { fitted: samplesOf(8, 1), judged: samplesOf(4, 2) };
    const { biases, left } = await fitBiases(float, rounded(float.graph), {
      ...{ layers, samples, mayAdd: false, pause },
    });
    expect([...left.keys()]).toEqual(['matrix']);
    expect([...biases.keys()]).toEqual(layers.filter((name) => name !== 'matrix'));
  });
});
