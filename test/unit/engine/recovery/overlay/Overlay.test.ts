import { describe, expect, it } from 'vitest';
import type { EncodedTensor } from '../../../../../src/quant/EncodedTensor';
import { partsOf, tensorLike } from '../../../../../src/engine/recovery/overlay/encodedParts';
import {
  readOverlay,
  resultKey,
  writeOverlay,
  type Overlay,
} from '../../../../../src/engine/recovery/overlay/Overlay';
import { writeSafetensors } from '../../../../../src/engine/recovery/overlay/safetensors';
import { encodedTensor, FORMS } from '../../../../fixtures/onnx/encoded';

const LAYOUT = { outer: 2, channels: 3, inner: 8 };
const BEGINS = 'ab'.repeat(32);

function overlayOf(weights: ReadonlyMap<string, EncodedTensor>): Overlay {
  const results = {
    gptq: {
      begins: BEGINS,
      weights: new Map([...weights].map(([name, tensor]) => [name, partsOf(tensor)])),
      numbers: new Map<string, Float32Array>(),
      facts: { report: { kept: true }, own: [1, 'two', null] },
    },
    bias: {
      begins: BEGINS,
      weights: new Map(),
      numbers: new Map([
        ['a/b', Float32Array.of(1, -0, 3e-39)],
        ['', new Float32Array(0)],
      ]),
      facts: null,
    },
  };
  const keyed = Object.entries(results).map(([pass, each]) => [resultKey(pass, each.begins), each] as const);
  return { origin: { model: 'm', data: 'd', choices: 'c' }, versions: '1 2', results: new Map(keyed) };
}

function read(bytes: Uint8Array): Overlay {
  const overlay = readOverlay(bytes);
  if (typeof overlay === 'string') throw new Error(overlay);
  return overlay;
}

describe('saved repairs', () => {
  it.each(Object.keys(FORMS))('hold weights stored as %s to the last bit', (form) => {
    const tensor = encodedTensor(form, LAYOUT);
    const written = overlayOf(new Map([['layer/1', tensor]]));
    // As files are read.
    const overlay = read(Buffer.from(writeOverlay(written)));
    const parts = overlay.results.get(resultKey('gptq', BEGINS))!.weights.get('layer/1')!;
    expect(tensorLike(encodedTensor(form, LAYOUT, 2), parts)).toEqual(tensor);
  });

  it('hold all else, and are the same bytes each time', () => {
    const written = overlayOf(new Map([['one', encodedTensor('int8', LAYOUT)]]));
    const bytes = writeOverlay(written);
    const overlay = read(bytes);
    expect(overlay).toEqual(written);
    expect(writeOverlay(overlay)).toEqual(bytes);
    const turned = { ...written, results: new Map([...written.results].reverse()) };
    expect(writeOverlay(turned)).toEqual(bytes);
  });

  it('are refused where they are other files, or damaged', () => {
    const other = writeSafetensors({ metadata: new Map([['format', 'pt']]), tensors: new Map() });
    expect(readOverlay(other)).toMatch(/no repairs/);
    const metadata = new Map([['format', 'quantscope overlay 1']]);
    for (const results of [
      '',
      '{}',
      '[1]',
      '[{"key":1}]',
      '[{"key":"a","begins":"b","weights":[["x"]]}]',
      `[${'0,'.repeat(99)}0]`,
    ])
      expect(
        readOverlay(
          writeSafetensors({ metadata: new Map([...metadata, ['results', results]]), tensors: new Map() }),
        ),
        results,
      ).toMatch(/damaged/);
  });
});

describe('a weight out of a file', () => {
  const like = encodedTensor('int4', LAYOUT);
  const good = partsOf(encodedTensor('int4', LAYOUT, 2));
  const withPart = (name: string, change: (bytes: Uint8Array) => Uint8Array, type?: 'U16') => {
    const part = good.parts.get(name)!;
    const changed = { ...part, ...(type && { type }), bytes: change(part.bytes.slice()) };
    return { ...good, parts: new Map([...good.parts, [name, changed]]) };
  };

  it('must be of the scheme and the shape that the layer has', () => {
    expect(tensorLike(like, good)).not.toBeNull();
    expect(tensorLike(encodedTensor('int5', LAYOUT), good)).toBeNull();
    expect(tensorLike(encodedTensor('int4/tensor', LAYOUT), good)).toBeNull();
    expect(tensorLike(encodedTensor('int4', { ...LAYOUT, inner: 9 }), good)).toBeNull();
    expect(tensorLike(encodedTensor('vq2x256', LAYOUT), good)).toBeNull();
    expect(tensorLike(like, { ...good, parts: new Map() })).toBeNull();
    expect(tensorLike(like, { ...good, facts: null })).toBeNull();
    expect(
      tensorLike(
        like,
        withPart('codes', (bytes) => bytes, 'U16'),
      ),
    ).toBeNull();
  });

  it.each([
    ['int4', 'codes', 8],
    ['uint4', 'codes', 16],
    ['uint4', 'zero_points', 16],
    ['table3', 'codes', 8],
    ['vq3x5', 'codes', 5],
  ])('of %s has no %s that stand for nothing', (form, part, code) => {
    const tensor = encodedTensor(form, LAYOUT);
    const { parts, facts } = partsOf(tensor);
    const bytes = parts.get(part)!.bytes.slice();
    bytes[0] = code;
    const changed = new Map([...parts, [part, { ...parts.get(part)!, bytes }]]);
    expect(tensorLike(tensor, { parts: changed, facts })).toBeNull();
    bytes[0] = code - 1;
    expect(tensorLike(tensor, { parts: changed, facts })).not.toBeNull();
  });

  it.each([
    ['int4', 'scales'],
    ['codebook4', 'entries'],
    ['vq2x256', 'codebooks'],
  ])('of %s has no %s that are no numbers', (form, part) => {
    const tensor = encodedTensor(form, LAYOUT);
    const { parts, facts } = partsOf(tensor);
    const numbers = new Float32Array(parts.get(part)!.bytes.slice().buffer);
    numbers[1] = NaN;
    const bytes = new Uint8Array(numbers.buffer);
    const changed = new Map([...parts, [part, { ...parts.get(part)!, bytes }]]);
    expect(tensorLike(tensor, { parts: changed, facts })).toBeNull();
  });
});
