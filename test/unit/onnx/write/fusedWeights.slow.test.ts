/** What `isFused` says is what onnxruntime does: a DequantizeLinear that it does not fuse is computed on each run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeProto } from 'onnx-buf';
import { afterAll, describe, expect, it } from 'vitest';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { readModel } from '../../../../src/engine/models/OpenModels';
import type { Layer } from '../../../../src/onnx/read/findLayers';
import { isFused } from '../../../../src/onnx/write/fusedWeights';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import type { ChannelLayout } from '../../../../src/core/scheme/ChannelLayout';
import type { EncodedScalars, EncodedTensor } from '../../../../src/quant/EncodedTensor';
import { floats, model, node, value } from '../../../fixtures/onnx/builder';
import { encodedTensor } from '../../../fixtures/onnx/encoded';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-fused-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly nodes: readonly NodeProto[];
  readonly shape?: readonly number[];
  readonly input?: readonly (number | string)[];
  readonly output?: readonly (number | string)[];
}

const CASES: Readonly<Record<string, Case>> = {
  'second in a MatMul': { nodes: [node('MatMul', ['x', 'w'], 'y')] },
  'second in a MatMul of stacked matrices': {
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    input: [2, 'n', 32],
    output: [2, 'n', 32],
  },
  'of odd sizes': {
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    shape: [7, 5],
    input: ['n', 7],
    output: ['n', 5],
  },
  'first in a MatMul': { nodes: [node('MatMul', ['w', 'x'], 'y')], input: [32, 'n'], output: [32, 'n'] },
  'in a Gemm': { nodes: [node('Gemm', ['x', 'w'], 'y')] },
  'in a Gemm that turns it': { nodes: [node('Gemm', ['x', 'w'], 'y', { transB: 1 })] },
  'behind a Transpose': { nodes: [node('Transpose', ['w'], 't'), node('MatMul', ['x', 't'], 'y')] },
  'in two products': { nodes: [node('MatMul', ['x', 'w'], 'h'), node('MatMul', ['h', 'w'], 'y')] },
  'of several matrices': {
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    shape: [2, 32, 32],
    input: [2, 'n', 32],
    output: [2, 'n', 32],
  },
  'in a Conv': {
    nodes: [node('Conv', ['x', 'w'], 'y')],
    shape: [4, 3, 3, 3],
    input: [1, 3, 8, 8],
    output: [1, 4, 6, 6],
  },
};

/** onnxruntime 1.30 ends the process where it optimizes these with a DequantizeLinear. */
const TURNED: ReadonlySet<string> = new Set(['in a Gemm that turns it', 'behind a Transpose']);

const CASE_FORMS = ['int8', 'uint8', 'int8/tensor', 'int4', 'int8/4', 'int8/16'];

describe.each(Object.keys(CASES))('a weight %s', (name) => {
  it.each(CASE_FORMS)('as %s', async (form) => {
    const { nodes, shape = [32, 32], input = ['n', 32], output = ['n', 32] } = CASES[name]!;
    const inspected = inspect(
      model(
        {
          nodes,
          inputs: [value('x', input)],
          outputs: [value('y', output)],
          initializers: [floats('w', shape)],
        },
        { opset: 21, ir: 10 },
      ),
    );
    const [[layerName, layer]] = [...inspected.layers] as [[string, Layer]];
    const tensor = form === 'int8/16' ? inBlocks(layer.layout) : encodedTensor(form, layer.layout);
    const left = async (integer: ReadonlySet<string>) => {
      const graph = rewriteModel(inspected, new Map([[layerName, tensor]]), { integer });
      const [path, optimized] = ['model.onnx', 'optimized.onnx'].map((file) => join(folder, file)) as [
        string,
        string,
      ];
      writeFileSync(path, serializeModel(graph, NO_FILES, '').model);
      await RuntimeModel.optimize(path, optimized, 'extended');
      return readModel(optimized).graph.nodes.filter(({ opType }) => opType === 'DequantizeLinear').length;
    };
    const fused = isFused(layer, tensor, inspected.graph);
    if (!TURNED.has(name)) expect((await left(new Set([layerName]))) === 0).toBe(fused);
    else expect(fused).toBe(false);
    expect(await left(new Set())).toBe(0);
  });
});

/** Blocks of a size that kernels take. */
function inBlocks(layout: ChannelLayout): EncodedTensor {
  const { outer, channels, inner } = layout;
  const values = new Float32Array(channels * Math.ceil((outer * inner) / 16)).fill(0.5);
  return { ...(encodedTensor('int8', layout) as EncodedScalars), scales: { values, block: 16 } };
}
