/**
 * onnxruntime 1.20 to 1.24 does not load a Transpose behind a DequantizeLinear without zero points, or computes wrong numbers
 * (`npm run bench -- runtimes`).
 */
import type { NodeProto } from 'onnx-buf';
import { expect, it } from 'vitest';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { floats, graph, ints, DataType, model, node, value } from '../../../fixtures/onnx/builder';
import { encodedTensor, type FormName } from '../../../fixtures/onnx/encoded';
import { inspect } from '../../../fixtures/onnx/inspect';

const branch = (nodes: readonly NodeProto[]) => graph({ nodes, outputs: [value('z', [2, 4])] });

const MODELS = {
  read: () =>
    model({ nodes: [node('MatMul', ['x', 'w'], 'y')], initializers: [floats('w', [4, 4])] }, { opset: 21 }),
  moved: () =>
    model(
      {
        nodes: [node('Transpose', ['w'], 't'), node('MatMul', ['x', 't'], 'y')],
        initializers: [floats('w', [4, 4])],
      },
      { opset: 21 },
    ),
  'moved in a branch': () =>
    model(
      {
        nodes: [
          node('If', ['flag'], 'y', {
            then_branch: branch([node('Transpose', ['w'], 't'), node('MatMul', ['x', 't'], 'z')]),
            else_branch: branch([node('MatMul', ['x', 'w'], 'z')]),
          }),
        ],
        initializers: [floats('w', [4, 4]), ints('flag', DataType.BOOL, [], [1])],
      },
      { opset: 21 },
    ),
};

it.each<[keyof typeof MODELS, FormName, number]>([
  ['read', 'int8', 2],
  ['moved', 'int8', 3],
  ['moved in a branch', 'int8', 3],
  ['moved', 'int4', 3],
])('a weight that is %s as %s has %i inputs of DequantizeLinear', (name, form, inputs) => {
  const inspected = inspect(MODELS[name]());
  const replacements = new Map(
    [...inspected.layers].map(([layer, { layout }]) => [layer, encodedTensor(form, layout)]),
  );
  const { nodes } = rewriteModel(inspected, replacements, { integer: new Set(inspected.layers.keys()) });
  expect(nodes.find(({ opType }) => opType === 'DequantizeLinear')!.input).toHaveLength(inputs);
});
