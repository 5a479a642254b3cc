import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readSafetensors,
  writeSafetensors,
  type StoredTensor,
} from '../../../../../src/engine/recovery/overlay/safetensors';

const SIZES = { U8: 1, U16: 2, I32: 4, F32: 4, F64: 8 } as const;

const tensor: fc.Arbitrary<StoredTensor> = fc
  .record({
    type: fc.constantFrom(...(Object.keys(SIZES) as (keyof typeof SIZES)[])),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ type, shape }) => {
    const length = shape.reduce((a, b) => a * b, SIZES[type]);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ type, shape, bytes: new Uint8Array(bytes) }));
  });
const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a/b', 'é', 'toString'));
const notMetadata = name.filter((each) => each !== '__metadata__');
const file = fc.record({
  metadata: fc.dictionary(name, fc.string()).map((each) => new Map(Object.entries(each))),
  tensors: fc
    .uniqueArray(fc.tuple(notMetadata, tensor), { selector: ([each]) => each })
    .map((each) => new Map(each)),
});

/** A file with this header, whatever it says. */
function raw(header: string, data: readonly number[] = []): Uint8Array {
  const bytes = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return Uint8Array.of(...length, ...bytes, ...data);
}

const entry = (offsets: unknown, shape: unknown = [2], dtype: unknown = 'U8') => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const headed = (tensors: unknown, data: readonly number[] = [1, 2]) => raw(JSON.stringify(tensors), data);

describe('a safetensors file', () => {
  it('holds what was written, the same bytes in whatever order', () => {
    fc.assert(
      fc.property(file, (contents) => {
        const bytes = writeSafetensors(contents);
        expect(readSafetensors(bytes)).toEqual(contents);
        const turned = {
          metadata: new Map([...contents.metadata].reverse()),
          tensors: new Map([...contents.tensors].reverse()),
        };
        expect(writeSafetensors(turned)).toEqual(bytes);
      }),
    );
  });

  it('begins its tensors at a multiple of eight, as the format asks for', () => {
    fc.assert(
      fc.property(file, (contents) => {
        const bytes = writeSafetensors(contents);
        expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
      }),
    );
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /short/],
    ['a length alone', new Uint8Array(7), /short/],
    [
      'a header that is longer than the file',
      Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123),
      /header is too long/,
    ],
    ['a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125), /header is too long/],
    ['no JSON', raw('{'), /no JSON object/],
    ['a list', raw('[]'), /no JSON object/],
    ['no UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 255), /no JSON object/],
    ['metadata that are numbers', headed({ __metadata__: { a: 1 } }, []), /metadata/],
    ['a tensor that is a number', headed({ a: 1 }), /described/],
    ['a type that there is not', headed({ a: entry([0, 2], [2], 'constructor') }), /described/],
    ['no shape', headed({ a: entry([0, 2], null) }), /described/],
    ['a negative size', headed({ a: entry([0, 2], [-1, -2]) }), /described/],
    ['a size that is no whole number', headed({ a: entry([0, 2], [0.5, 4]) }), /described/],
    ['a shape of other bytes', headed({ a: entry([0, 2], [3]) }), /described/],
    ['sizes whose product overflows', headed({ a: entry([0, 2], [2 ** 52, 2 ** 52]) }), /described/],
    ['very many axes', headed({ a: entry([0, 2], [2, ...Array<number>(99).fill(1)]) }), /described/],
    ['offsets behind the end', headed({ a: entry([1, 3]) }), /described/],
    ['offsets the wrong way round', headed({ a: entry([2, 0]) }), /described/],
    ['three offsets', headed({ a: entry([0, 2, 2]) }), /described/],
    ['tensors that overlap', headed({ a: entry([0, 2]), b: entry([1, 2], [1]) }), /overlap/],
    ['a gap', headed({ a: entry([1, 2], [1]) }), /overlap/],
    ['bytes behind', headed({ a: entry([0, 2]) }, [1, 2, 3]), /behind/],
  ])('with %s is refused', (_, bytes, reason) => {
    expect(readSafetensors(bytes)).toMatch(reason);
  });

  it('is read or refused, whatever the bytes are', () => {
    const header = fc.json().map((text) => raw(text));
    const damaged = fc
      .tuple(file, fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([contents, place, change]) => {
        const bytes = writeSafetensors(contents);
        bytes[place % bytes.length]! ^= change;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), header, damaged), (bytes) => {
        const read = readSafetensors(bytes);
        expect(typeof read === 'string' || read.tensors instanceof Map).toBe(true);
      }),
    );
  });
});
