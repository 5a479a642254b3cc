/** Exports in ONNX's operators on integers against those between quantizers, in real onnxruntime. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convNet, matrixNet, residualNet } from '../../../fixtures/onnx/integerNets';
import { floatTensor, load } from '../../../fixtures/onnx/runtime';
import { MODELS } from '../../cli/runCli';
import { Exporter } from './exporter';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

function written(name: string, bytes: Uint8Array): string {
  const path = join(exporter.folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function outputOf(path: string, dims: readonly number[], options: InferenceSession.SessionOptions) {
  const session = await load(readFileSync(path), options);
  try {
    const results = await session.run({ x: floatTensor(dims) });
    return (results[session.outputNames[0]!] as Tensor).data as Float32Array;
  } finally {
    await session.release();
  }
}

/** The scale of what dequantizes the graph's output; that of the softmax behind it is at most a quarter. */
function stepOf(graph: GraphProto): number {
  const last = graph.node.findLast(({ opType }) => opType === 'DequantizeLinear')!;
  const { rawData } = graph.initializer.find(({ name }) => name === last.input[1])!;
  return new DataView(rawData.buffer, rawData.byteOffset).getFloat32(0, true);
}

/** How many there are of each operator. */
const CLS = { QLinearConv: 53, MatMulInteger: 1, Conv: 0, Gemm: 0 };
const RESIDUAL = { QLinearConv: 8, MatMulInteger: 1, Conv: 0, Gemm: 0, MaxPool: 1 };
const CONV = { QLinearConv: 5, Conv: 0 };
const MATRIX = { QLinearMatMul: 2, MatMulInteger: 2, MatMul: 0, Gemm: 0, Relu: 0, Clip: 0 };

describe('an export in operators on integers', () => {
  it.each<[string, () => string, readonly number[], 'uint8' | 'int8', Record<string, number>]>([
    ['the classifier', () => MODELS.cls, [1, 3, 48, 192], 'uint8', CLS],
    ['a residual network', () => written('residual.onnx', residualNet()), [1, 3, 16, 16], 'uint8', RESIDUAL],
    ['a residual network', () => written('residual.onnx', residualNet()), [1, 3, 16, 16], 'int8', RESIDUAL],
    ['convolutions', () => written('conv.onnx', convNet()), [1, 3, 16, 16], 'uint8', { ...CONV, Clip: 1 }],
    ['convolutions', () => written('conv.onnx', convNet()), [1, 3, 16, 16], 'int8', { ...CONV, Clip: 4 }],
    ['matrix products', () => written('matrix.onnx', matrixNet()), [2, 3, 6], 'uint8', MATRIX],
    ['matrix products', () => written('matrix.onnx', matrixNet()), [2, 3, 6], 'int8', { ...MATRIX, Clip: 2 }],
  ])(
    'of %s has the outputs of one in quantizers, optimized or not',
    async (_, path, dims, activations, counts) => {
      // Weights that no CPU's kernels saturate on.
      const recipe = { default: 'int8/clip2', activations, calibration: 'synthetic' } as const;
      const source = path();
      const qdq = await exporter.export(source, recipe);
      const integer = await exporter.export(source, { ...recipe, format: 'QOperator' });
      expect(Object.fromEntries(Object.keys(counts).map((op) => [op, integer.count(op)]))).toEqual(counts);
      expect(integer.report.integers!.integerKernels).toBe(integer.report.integers!.nodes);
      const expected = await outputOf(qdq.report.output.path, dims, {});
      for (const graphOptimizationLevel of ['all', 'disabled'] as const) {
        const output = await outputOf(integer.report.output.path, dims, { graphOptimizationLevel });
        const difference = Math.max(...output.map((value, i) => Math.abs(value - expected[i]!)));
        expect(difference).toBeLessThan(1.01 * stepOf(integer.graph));
      }
    },
    60_000,
  );
});
