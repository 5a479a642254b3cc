/** The rewritten graph gives, in onnxruntime, exactly the weights that the codes stand for. */
import { afterAll, describe, expect, it } from 'vitest';
import { inspectModel } from '../../../../src/onnx/read/inspectModel';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import type { EncodedTensor } from '../../../../src/quant/EncodedTensor';
import { packHalf } from '../../../../src/core/scheme/half';
import { bytesOf, DataType, packBfloat } from '../../../fixtures/onnx/builder';
import { decode, encodedTensor, FORMS, type FormName } from '../../../fixtures/onnx/encoded';
import { inspect, parseInMemory } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { floatTensor, run } from '../../../fixtures/onnx/runtime';
import { weightZoo } from '../../../fixtures/onnx/weightZoo';

const forms = Object.keys(FORMS);
let compared = 0;

/** Forms that go through a model together: enough of them to share constants, few enough to see which one failed. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  'small integers': /^u?int[1-7]/,
  'whole integers': /^u?int(8|16)/,
  floats: /^(mx)?fp|^bf/,
  tables: /^table|^codebook|^log|^binary/,
  vectors: /^vq/,
};

describe.each([
  [7, 'computed once'],
  [9, 'computed once'],
  [10, 'dequantized'],
  [13, 'dequantized'],
  [19, 'computed once'],
  [21, 'dequantized'],
  [23, 'computed once'],
])('opset %i, weights %s', (opset, how) => {
  it.each(Object.keys(GROUPS))('gives the simulated weights of %s', async (group) => {
    // Before IR version 4 initializers are inputs as well, so that constants have to be nodes.
    const ir = opset < 10 ? 3 : 8;
    const { model, weights } = weightZoo(
      opset,
      forms.filter((form) => GROUPS[group]!.test(form)),
      ir,
    );
    const bytes = bytesOf(model);
    const inspected = inspectModel(parseInMemory(bytes, 'zoo'), NO_FILES, {
      path: 'zoo',
      bytes: bytes.length,
    });
    expect(new Set(inspected.layers.keys())).toEqual(
      new Set([...weights.keys(), ...sharedLayers(inspected.layers)]),
    );
    const replacements = new Map<string, EncodedTensor>();
    for (const [i, layer] of [...weights.keys()].entries())
      replacements.set(layer, encodedTensor(formOf(layer), inspected.layers.get(layer)!.layout, i + 1));
    const expected = new Map(
      [...replacements].map(([name, tensor]) => [name, decode(tensor, inspected.layers.get(name)!.layout)]),
    );
    const integer = new Set(how === 'dequantized' ? inspected.layers.keys() : []);
    const graph = rewriteModel(inspected, replacements, { integer });
    const written = serializeModel(graph, NO_FILES, 'zoo.data').model;

    const results = await run(written, { image5: floatTensor([1, 5, 4, 4]), steps: floatTensor([4, 1, 5]) });
    for (const [layer, { dataType, shape }] of weights) {
      const name = inspected.layers.get(layer)!.constant.name;
      const result = results[dataType === DataType.BFLOAT16 ? `${name}_float` : name]!;
      expect(result.dims, layer).toEqual(shape);
      expect(bits(result.data as Float32Array), layer).toEqual(bits(stored(expected.get(layer)!, dataType)));
      compared++;
    }

    const again = inspect(written).inspection.layers;
    for (const [layer, { shape }] of weights) {
      const found = again.find(
        ({ weight, nodes }) => weight.startsWith(`${nodeOf(layer)}_`) && nodes.includes(nodeOf(layer)),
      );
      expect(found?.shape, layer).toEqual(shape);
      // Half precision is a float type, and no quantized one.
      const half = /_(fp16|bf16)$/.test(nodeOf(layer)) && found?.quantized === null;
      if (!half) expect(found?.quantized, layer).toMatch(QUANTIZED);
    }
    expect(again.length).toBe(inspected.layers.size);
  });
});

const QUANTIZED = /^(u?int(4|8|16)|float8e(4m3fn|5m2)|[\d.]+ bit) \((DequantizeLinear|Cast|table lookup)\)$/;

afterAll(() => expect(compared).toBeGreaterThan(10_000));

/** Weights that stand beside the tested ones: the other operand of a product, the recurrent weights of an LSTM. */
function sharedLayers(layers: ReadonlyMap<string, unknown>): string[] {
  return [...layers.keys()].filter((name) => /^(MatMul_)?rows7|\.R$|#\d+$/.test(name));
}

function nodeOf(layer: string): string {
  return layer.replace(/\.W$/, '');
}

function formOf(layer: string): FormName {
  return nodeOf(layer).split('_').slice(2).join('_') as FormName;
}

function stored(values: Float32Array, dataType: number): ArrayBufferView {
  switch (dataType) {
    case DataType.FLOAT16:
      return Uint16Array.from(values, packHalf);
    case DataType.DOUBLE:
      return Float64Array.from(values);
    case DataType.BFLOAT16:
      return new Float32Array(Uint32Array.from(values, (number) => packBfloat(number) << 16).buffer);
    default:
      return values;
  }
}

function bits({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
