/** The rewritten graph gives, in onnxruntime, exactly the weights that the codes stand for. */
import { afterAll, describe, expect, it } from 'vitest';
import { inspectModel } from '../../../src/onnx/inspectModel';
import { parseModel } from '../../../src/onnx/parseModel';
import { rewriteModel } from '../../../src/onnx/rewriteModel';
import { serializeModel } from '../../../src/onnx/serializeModel';
import type { EncodedTensor } from '../../../src/quant/EncodedTensor';
import { packHalf } from '../../../src/runtime/half';
import { bytesOf, DataType, packBfloat } from '../../fixtures/onnx/builder';
import { decode, encodedTensor, FORMS, type FormName } from '../../fixtures/onnx/encoded';
import { inspect } from '../../fixtures/onnx/inspect';
import { NO_FILES } from '../../fixtures/onnx/memoryFiles';
import { floatTensor, run } from '../../fixtures/onnx/runtime';
import { weightZoo } from '../../fixtures/onnx/weightZoo';

const forms = Object.keys(FORMS) as FormName[];
let compared = 0;

describe.each([9, 10, 11, 13, 17, 19, 21, 22, 23])('opset %i', (opset) => {
  it.each([3, 8])('gives the simulated weights, IR version %i', async (ir) => {
    const { model, weights } = weightZoo(opset, forms, ir);
    const bytes = bytesOf(model);
    const inspected = inspectModel(parseModel(bytes, 'zoo'), NO_FILES, { path: 'zoo', bytes: bytes.length });
    expect(new Set(inspected.layers.keys())).toEqual(
      new Set([...weights.keys(), ...sharedLayers(inspected.layers)]),
    );
    const replacements = new Map<string, EncodedTensor>();
    for (const [i, layer] of [...weights.keys()].entries())
      replacements.set(layer, encodedTensor(formOf(layer), inspected.layers.get(layer)!.layout, i + 1));
    const expected = new Map(
      [...replacements].map(([name, tensor]) => [name, decode(tensor, inspected.layers.get(name)!.layout)]),
    );
    rewriteModel(inspected, replacements);
    const written = serializeModel(inspected, NO_FILES, 'zoo.data').model;

    const results = await run(written, { image5: floatTensor([1, 5, 4, 4]), steps: floatTensor([4, 1, 5]) });
    for (const [layer, { dataType, shape }] of weights) {
      const name = inspected.layers.get(layer)!.constant.name;
      const result = results[dataType === DataType.BFLOAT16 ? `${name}_float` : name]!;
      expect(result.dims, layer).toEqual(shape);
      expect(bits(result.data as Float32Array), layer).toEqual(bits(stored(expected.get(layer)!, dataType)));
      compared++;
    }

    const again = inspect(written).inspection.layers;
    for (const layer of weights.keys()) {
      const found = again.find(
        ({ weight, nodes }) => weight.startsWith(`${nodeOf(layer)}_`) && nodes.includes(nodeOf(layer)),
      );
      expect(found?.quantized, layer).toMatch(
        /^(u?int[48]|[14] bit) \((DequantizeLinear|Cast|table lookup)\)$/,
      );
    }
    expect(again.length).toBe(inspected.layers.size);
  });
});

afterAll(() => expect(compared).toBeGreaterThan(1500));

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
