import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from '../../../../src/engine/runtime/onnxruntime.mjs';
import { describe, expect, it } from 'vitest';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel, type SerializedModel } from '../../../../src/onnx/write/serializeModel';
import { tensorBytes } from '../../../../src/onnx/file/tensor';
import { UserError } from '../../../../src/base/UserError';
import {
  bytesOf,
  constant,
  DataType,
  externalTensor,
  floatBytes,
  floats,
  model,
  node,
  ramp,
  value,
} from '../../../fixtures/onnx/builder';
import { encodedTensor } from '../../../fixtures/onnx/encoded';
import { inspect, readReal } from '../../../fixtures/onnx/inspect';
import { MemoryFiles, NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { floatTensor, run } from '../../../fixtures/onnx/runtime';

const COUNT = 30 * 30;
const content = floatBytes(DataType.FLOAT, ramp([30, 30]));
/** `a` and `b` lie in another file, `c` in the model, `d` in a Constant node that points to the file as well. */
const files = () => new MemoryFiles({ 'w.bin': new Uint8Array([...content, ...content]) });
const proto = () =>
  model({
    nodes: [
      constant(external('d', 0)),
      ...['a', 'b', 'c', 'd'].map((name) => node('MatMul', ['x', name], `y_${name}`, {}, name)),
    ],
    initializers: [
      external('a', 0),
      external('b', COUNT * 4),
      floats('c', [30, 30]),
      floats('small', [2, 2]),
    ],
    inputs: [value('x', ['n', 30])],
    outputs: [value('y_a', ['n', 30])],
  });
const external = (name: string, offset: number) =>
  externalTensor(name, [30, 30], { location: 'w.bin', offset: String(offset), length: String(COUNT * 4) });

/** The file as it would be on disk. */
function contentOf({ external: file }: SerializedModel): Uint8Array {
  return Uint8Array.from([...file!.chunks()].flatMap((chunk) => [...chunk]));
}

describe('weights in another file', () => {
  it('come into the model', () => {
    const source = files();
    const result = serializeModel(inspect(proto(), source).graph, source, 'out.data');
    expect(result.external).toBeNull();
    const { layers } = inspect(result.model, NO_FILES);
    expect(layers.size).toBe(4);
    for (const { constant: weight } of layers.values())
      expect(tensorBytes(weight.tensor, NO_FILES)).toEqual(content);
  });

  it('go to one file of the output where they are too large, aligned, and are the same', () => {
    const source = files();
    const result = serializeModel(inspect(proto(), source).graph, source, 'out.data', 1000);
    const reads = source.reads.length;
    const written = contentOf(result);
    expect(source.reads.length - reads).toBe(2);
    const target = new MemoryFiles({ 'out.data': written });
    const again = inspect(result.model, target);
    expect(again.layers.size).toBe(4);
    for (const { constant: weight } of again.layers.values())
      expect(tensorBytes(weight.tensor, target)).toEqual(content);
    const offsets = again.graph.model.graph.initializer.flatMap(({ externalData }) =>
      externalData.filter(({ key }) => key === 'offset').map((entry) => Number(entry.value)),
    );
    expect(offsets).toEqual([0, 4096, 8192]);
    expect(written.length).toBe(8192 + COUNT * 4);
  });

  it('are read by onnxruntime where they went', async () => {
    const source = files();
    const result = serializeModel(inspect(proto(), source).graph, source, 'out.data', 1000);
    const folder = mkdtempSync(join(tmpdir(), 'quantscope-'));
    try {
      writeFileSync(join(folder, 'out.data'), contentOf(result));
      writeFileSync(join(folder, 'm.onnx'), result.model);
      const session = await InferenceSession.create(join(folder, 'm.onnx'), { logSeverityLevel: 4 });
      const outputs = await session.run({ x: floatTensor([2, 30]) });
      const embedded = serializeModel(inspect(proto(), source).graph, source, 'out.data').model;
      expect(outputs['y_a']!.data).toEqual((await run(embedded, { x: floatTensor([2, 30]) }))['y_a']!.data);
      await session.release();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are not written if they were replaced', () => {
    const source = files();
    const inspected = inspect(proto(), source);
    const replacements = [...inspected.layers].map(
      ([name, { layout }]) => [name, encodedTensor('int8', layout)] as const,
    );
    const rewritten = rewriteModel(inspected, new Map(replacements));
    expect(serializeModel(rewritten, source, 'out.data').model.length).toBeLessThan(
      COUNT * 4 + 4 * 30 * 4 + 4000,
    );
    expect(source.reads).toEqual([]);
  });

  it('are refused in a sentence where no file can hold them', () => {
    const size = 2 ** 31;
    const huge = { size: () => size * 4, read: () => new Uint8Array(0) };
    const weight = externalTensor('w', [size / 4, 1], { location: 'w.bin' });
    const inspected = inspect(
      model({ nodes: [constant(weight), node('MatMul', ['x', 'w'], 'y')], outputs: [value('y', [])] }),
      huge,
    );
    expect(() => serializeModel(inspected.graph, huge, 'out.data')).toThrow(
      new UserError('The exported model would be larger than 2 GiB, which no ONNX file can be.'),
    );
  });
});

describe('a model that was not changed', () => {
  it('is written as it was', () => {
    const bytes = readReal('silero');
    expect(serializeModel(inspect(bytes).graph, NO_FILES, 'm.data').model.length).toBe(bytes.length);
    const small = bytesOf(model({ nodes: [node('Relu', ['x'], 'y')], outputs: [value('y', [])] }));
    expect(serializeModel(inspect(small).graph, NO_FILES, 'm.data').model).toEqual(small);
  });
});
