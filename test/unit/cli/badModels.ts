import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  bytesOf,
  DataType,
  externalTensor,
  floats,
  graph,
  model,
  node,
  rawTensor,
  value,
} from '../../fixtures/onnx/builder';
import { MODELS } from './runCli';

export function writeModel(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** A sound model around one weight. */
function around(weight: ReturnType<typeof floats>): Uint8Array {
  return bytesOf(
    model({
      nodes: [node('MatMul', ['x', 'w'], 'y', {}, 'layer')],
      inputs: [value('x', [1, 2])],
      outputs: [value('y', [1, 2])],
      initializers: [weight],
    }),
  );
}

/** Runs for longer than anyone waits: a loop of 2^63 - 1 rounds. */
export const HANG = bytesOf(
  model({
    nodes: [
      node('Loop', ['rounds', 'go', 'x'], 'y', {
        body: graph({
          nodes: [node('MatMul', ['v', 'w'], 'v2', {}, 'layer'), node('Identity', ['c'], 'c2')],
          inputs: [value('i', [], DataType.INT64), value('c', [], DataType.BOOL), value('v', [1, 2])],
          outputs: [value('c2', [], DataType.BOOL), value('v2', [1, 2])],
          name: 'body',
        }),
      }),
    ],
    inputs: [value('x', [1, 2])],
    outputs: [value('y', [1, 2])],
    initializers: [
      floats('w', [2, 2]),
      rawTensor('rounds', DataType.INT64, [], new Uint8Array(BigInt64Array.of(2n ** 63n - 1n).buffer)),
      rawTensor('go', DataType.BOOL, [], Uint8Array.of(1)),
    ],
  }),
);

/** A fault, how its file is made, and the sentence that it must give. */
export const BAD_MODELS: readonly [string, (folder: string) => string, RegExp][] = [
  [
    'no file',
    (folder) => join(folder, 'none.onnx'),
    /none\.onnx cannot be (opened|found): there is no such file\./,
  ],
  ['a folder', (folder) => folder, /is not a file\./],
  ['an empty file', (folder) => writeModel(folder, 'm.onnx', new Uint8Array(0)), /m\.onnx is empty\./],
  [
    'text',
    (folder) => writeModel(folder, 'm.onnx', Buffer.from('Not a model.')),
    /m\.onnx is not an ONNX model/,
  ],
  [
    'a truncated file',
    (folder) => writeModel(folder, 'm.onnx', readFileSync(MODELS.cls).subarray(0, 300_000)),
    /m\.onnx is/,
  ],
  [
    'dims that disagree with the bytes',
    (folder) =>
      writeModel(folder, 'm.onnx', around(rawTensor('w', DataType.FLOAT, [2, 3], new Uint8Array(16)))),
    /tensor "w" is float32 \[2, 3\], which takes 24 bytes, but it holds 16\./,
  ],
  [
    'dims that overflow',
    (folder) =>
      writeModel(
        folder,
        'm.onnx',
        around(rawTensor('w', DataType.FLOAT, [2 ** 40, 2 ** 40], new Uint8Array(16))),
      ),
    /"w" has more elements than/,
  ],
  [
    'a negative dimension',
    (folder) =>
      writeModel(folder, 'm.onnx', around(rawTensor('w', DataType.FLOAT, [-2, 2], new Uint8Array(16)))),
    /"w" has the negative dimension -2\./,
  ],
  [
    'external data outside the folder',
    (folder) =>
      writeModel(folder, 'm.onnx', around(externalTensor('w', [2, 2], { location: '../../etc/passwd' }))),
    /"\.\.\/\.\.\/etc\/passwd", which is not a path inside the model's folder\./,
  ],
  [
    'external data that is not there',
    (folder) => writeModel(folder, 'm.onnx', around(externalTensor('w', [2, 2], { location: 'w.bin' }))),
    /"w\.bin" is not in the model's folder\./,
  ],
  [
    'external data behind a link that leads outside',
    (folder) => {
      writeModel(folder, 'outside.bin', new Uint8Array(16));
      const path = writeModel(
        folder,
        'inner/m.onnx',
        around(externalTensor('w', [2, 2], { location: 'w.bin' })),
      );
      symlinkSync(join(folder, 'outside.bin'), join(folder, 'inner/w.bin'));
      return path;
    },
    /"w\.bin" lies outside the model's folder\./,
  ],
  [
    'external data that is too short',
    (folder) => {
      writeModel(folder, 'w.bin', new Uint8Array(8));
      return writeModel(folder, 'm.onnx', around(externalTensor('w', [2, 2], { location: 'w.bin' })));
    },
    /"w"/,
  ],
];

/** A weight that is no number. */
export const NOT_A_NUMBER = around(floats('w', [2, 2], [1, NaN, Infinity, 2]));

/** A weight whose square no float32 holds. */
export const HUGE = around(floats('w', [2, 2], [1, 2, 3e30, 4]));
