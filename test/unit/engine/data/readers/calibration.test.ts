import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { encode } from 'fast-png';
import { zipSync, zlibSync } from 'fflate';
import { TensorProto_DataType as DataType, TensorProtoSchema } from 'onnx-buf';
import jpeg from 'jpeg-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../../../src/base/ByteSource';
import { pictureTensor } from '../../../../../src/engine/data/readers/pictureTensor';
import { readNpy } from '../../../../../src/engine/data/readers/readNpy';
import { readNpz } from '../../../../../src/engine/data/readers/readNpz';
import { readTensorProto } from '../../../../../src/engine/data/readers/readTensorProto';
import { readPicture } from '../../../../../src/engine/data/readers/readPicture';
import { resize } from '../../../../../src/engine/data/readers/resize';
import { elementCount, type StoredArray } from '../../../../../src/engine/data/readers/StoredArray';
import { UserError } from '../../../../../src/base/UserError';
import { bytesOf, npy } from './npy';

/** A PNG whose pixels are given anew (IDAT), or that has a chunk more before them; checksums are not looked at. */
function pngWith(png: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const header = png.subarray(0, 33);
  const rest = type === 'IDAT' ? png.subarray(-12) : png.subarray(33);
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, data.length);
  const chunk = [new Uint8Array(length.buffer), new TextEncoder().encode(type), data, new Uint8Array(4)];
  return Buffer.concat([header, ...chunk, rest]);
}

/** Bytes as a file gives them, and which of them were asked for. */
function source(bytes: Uint8Array): ByteSource & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    length: bytes.length,
    asked,
    bytes(from, count) {
      asked.push(count);
      return bytes.subarray(from, from + count);
    },
  };
}

const all = (array: StoredArray) => [...array.elements(0, elementCount(array.shape))];

describe('.npz files', () => {
  const one = npy('<f4', [1], bytesOf(Float32Array.of(1)));
  const two = npy('<f4', [1], bytesOf(Float32Array.of(2)));

  it.each([0, 6] as const)('give the array of a name, or the sole one (compression %i)', (level) => {
    const archive = zipSync({ 'x.npy': one, 'y.npy': two }, { level });
    expect(all(readNpz(source(archive), 'y', 'a.npz'))).toEqual([2]);
    expect(all(readNpz(source(zipSync({ 'arr_0.npy': two }, { level })), 'y', 'a.npz'))).toEqual([2]);
    expect(() => readNpz(source(archive), 'z', 'a.npz')).toThrow(/a\.npz .* has no array "z" but "x", "y"/);
  });

  it('with two arrays of the same name are refused', () => {
    const archive = zipSync({ 'x.npy': one, 'y.npy': two }, { level: 0 });
    // Of the same length, in the local header as in the directory.
    for (let at = archive.indexOf(121); at >= 0; at = archive.indexOf(121, at + 1))
      if (archive[at + 1] === 46) archive[at] = 120;
    expect(() => readNpz(source(archive), 'x', 'a.npz')).toThrow(/it has two arrays "x"/);
  });

  it('are opened by a little of them, and what is not deflated is read where it lies', () => {
    const large = npy('<f4', [20_000], bytesOf(Float32Array.from({ length: 20_000 }, (_, i) => i * 0.7)));
    const read = ([0, 6] as const).map((level) => {
      const archive = source(zipSync({ 'x.npy': large, 'y.npy': large }, { level }));
      const array = readNpz(archive, 'x', 'a.npz');
      const opening = archive.asked.splice(0);
      // The end, with room for a comment.
      expect(opening[0]).toBe(22 + 4096);
      expect(Math.max(...opening.slice(1))).toBeLessThan(1200);
      expect(array.elements(19_999, 1)[0]).toBeCloseTo(13_999.3, 2);
      expect(array.elements(10, 1)[0]).toBeCloseTo(7, 5);
      return archive.asked;
    });
    expect(read[0]).toEqual([4, 4]);
    // Unpacked once.
    expect(read[1]).toHaveLength(1);
  });

  it('that unpack to more than the directory says are none', () => {
    const archive = zipSync({ 'x.npy': npy('<f4', [250_000], new Uint8Array(1_000_000)) });
    const view = new DataView(archive.buffer);
    const directory = archive.findLastIndex(
      (_, i) => i + 4 <= archive.length && view.getUint32(i, true) === 0x02014b50,
    );
    view.setUint32(directory + 24, 5000, true);
    expect(() => readNpz(source(archive), 'x', 'a.npz')).toThrow(/needs more bytes than it has/);
  });

  it('that are none, cut off or bombs are refused', () => {
    const archive = zipSync({ 'x.npy': one });
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), archive.slice(0, -30), one])
      expect(() => readNpz(source(bytes), 'x', 'a.npz')).toThrow(UserError);
    // The directory says that the array is larger than 2^30 bytes.
    const view = new DataView(archive.buffer);
    const directory = archive.findLastIndex(
      (_, i) => i + 4 <= archive.length && view.getUint32(i, true) === 0x02014b50,
    );
    view.setUint32(directory + 24, 2 ** 31, true);
    expect(() => readNpz(source(archive), 'x', 'a.npz')).toThrow(/unpacks to 2\.15 GB/);
  });

  it('of any bytes give an array or one sentence', () => {
    const archive = zipSync({ 'x.npy': one });
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, value) => {
        const changed = archive.slice();
        changed[at] = value;
        try {
          all(readNpz(source(changed), 'x', 'a.npz'));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe('ONNX tensors', () => {
  const proto = (fields: MessageInitShape<typeof TensorProtoSchema>) =>
    toBinary(TensorProtoSchema, create(TensorProtoSchema, fields));
  const raw = (dataType: number, view: ArrayBufferView) =>
    proto({ dataType, dims: [2n], rawData: bytesOf(view) as Uint8Array<ArrayBuffer> });

  it.each([
    ['float32', raw(DataType.FLOAT, Float32Array.of(1.5, -2))],
    ['float64', raw(DataType.DOUBLE, Float64Array.of(1.5, -2))],
    ['float16', raw(DataType.FLOAT16, Uint16Array.of(0x3e00, 0xc000))],
    ['listed floats', proto({ dataType: DataType.FLOAT, dims: [2n], floatData: [1.5, -2] })],
    ['listed halves', proto({ dataType: DataType.FLOAT16, dims: [2n], int32Data: [0x3e00, 0xc000] })],
  ])('of %s are read', (_, bytes) => {
    const array = readTensorProto(bytes, 'a.pb');
    expect([array.shape, all(array)]).toEqual([[2], [1.5, -2]]);
    expect([...array.elements(1, 1)]).toEqual([-2]);
  });

  it.each([
    ['int64', raw(DataType.INT64, BigInt64Array.of(5n, -2n))],
    ['listed int64', proto({ dataType: DataType.INT64, dims: [2n], int64Data: [5n, -2n] })],
    ['listed int8', proto({ dataType: DataType.INT8, dims: [2n], int32Data: [5, -2] })],
  ])('of %s are read', (_, bytes) => {
    expect(all(readTensorProto(bytes, 'a.pb'))).toEqual([5, -2]);
  });

  it('of text are read', () => {
    const stringData = ['yes', 'no'].map((word) => new TextEncoder().encode(word));
    const array = readTensorProto(proto({ dataType: DataType.STRING, dims: [2n], stringData }), 'a.pb');
    expect([array.text, all(array)]).toEqual([true, ['yes', 'no']]);
  });

  it('that are none or do not have what they say are refused', () => {
    expect(() => readTensorProto(Uint8Array.of(1, 2, 3), 'a.pb')).toThrow(/not valid protobuf/);
    expect(() => readTensorProto(new Uint8Array(0), 'a.pb')).toThrow(/no plain numbers/);
    expect(() =>
      readTensorProto(proto({ dataType: DataType.FLOAT, dims: [3n], floatData: [1] }), 'a.pb'),
    ).toThrow(/needs 3 elements and it has 1/);
    expect(() => readTensorProto(proto({ dataType: DataType.FLOAT, dims: [-1n] }), 'a.pb')).toThrow(
      /shape is \[-1\]/,
    );
    expect(() => readTensorProto(proto({ dataType: DataType.STRING, dims: [1n] }), 'a.pb')).toThrow(
      UserError,
    );
  });
});

describe('.npy files', () => {
  it.each([1, 2, 3])('of version %i are read', (version) => {
    const bytes = npy('<f4', [2, 3], bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6.5)), false, version);
    const array = readNpy(source(bytes), 'a.npy');
    expect(array.shape).toEqual([2, 3]);
    expect(array.elements(0, 6)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6.5));
  });

  it.each([
    ['<f8', Float64Array.of(-1.5, 2)],
    ['|i1', Int8Array.of(-1, 2)],
    ['<i2', Int16Array.of(-300, 2)],
    ['<i4', Int32Array.of(-70_000, 2)],
    ['<i8', BigInt64Array.of(-5n, 2n)],
    ['|u1', Uint8Array.of(200, 2)],
    ['<u2', Uint16Array.of(60_000, 2)],
    ['|b1', Uint8Array.of(1, 0)],
  ])('of %s are read', (descr, values) => {
    const array = readNpy(source(npy(descr, [2], bytesOf(values))), 'a.npy');
    expect(all(array)).toEqual(Array.from(values as ArrayLike<number | bigint>, Number));
  });

  it('are read from either end', () => {
    expect(all(readNpy(source(npy('>f4', [1], Uint8Array.of(0x3f, 0x80, 0, 0))), 'a.npy'))).toEqual([1]);
  });

  it('of Fortran order come out with the last index running fastest', () => {
    // Element (i, j) of [2, 3] lies at i + 2 j.
    const bytes = npy('<f4', [2, 3], bytesOf(Float32Array.of(0, 10, 1, 11, 2, 12)), true);
    const array = readNpy(source(bytes), 'a.npy');
    expect(all(array)).toEqual([0, 1, 2, 10, 11, 12]);
    expect([...array.elements(3, 3)]).toEqual([10, 11, 12]);
  });

  it('of text are read, in characters of four bytes from either end or in UTF-8', () => {
    const signs = ['y', 'e', 's', 'n', 'o', '\0', '😀', '\0', '\0'].map((sign) => sign.codePointAt(0)!);
    const bytes = bytesOf(Uint32Array.from(signs));
    const words = ['yes', 'no', '😀'];
    const little = readNpy(source(npy('<U3', [3], bytes)), 'a.npy');
    expect([little.text, all(little), little.elements(1, 1)]).toEqual([true, words, ['no']]);
    const big = Uint8Array.from({ length: bytes.length }, (_, i) => bytes[i ^ 3]!);
    expect(all(readNpy(source(npy('>U3', [3], big)), 'a.npy'))).toEqual(words);
    const utf8 = new TextEncoder().encode('yes\0no\0\0😀');
    expect(all(readNpy(source(npy('|S4', [3], utf8.slice(0, 12))), 'a.npy'))).toEqual(['yes', 'no', '😀']);
    const fortran = readNpy(
      source(npy('<U1', [2, 2], bytesOf(Uint32Array.from(signs.slice(0, 4))), true)),
      'a.npy',
    );
    expect(all(fortran)).toEqual(['y', 's', 'e', 'n']);
    expect(readNpy(source(npy('<f4', [1], new Uint8Array(4))), 'a.npy').text).toBe(false);
  });

  it('of text that is none are refused, and of no size', () => {
    const damaged = readNpy(source(npy('<U1', [1], Uint8Array.of(255, 255, 255, 255))), 'a.npy');
    expect(() => all(damaged)).toThrow('its text is damaged');
    expect(() => readNpy(source(npy('<U0', [1e9], new Uint8Array(0))), 'a.npy')).toThrow(/elements are U0/);
  });

  it('of Fortran order hold no more than their bytes, and one sample', () => {
    const large = npy('|u1', [2 ** 15, 2 ** 10], new Uint8Array(2 ** 25), true);
    const array = readNpy(source(large), 'a.npy');
    const before = process.memoryUsage().arrayBuffers;
    expect(array.elements(5 * 2 ** 10, 2 ** 10)).toHaveLength(2 ** 10);
    // Four bytes a number, twice, would be 256 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
    const header = npy('|u1', [2 ** 15, 2 ** 16], new Uint8Array(0), true);
    const beyond = { ...source(header), length: header.length + 2 ** 31 };
    expect(() => readNpy(beyond, 'a.npy')).toThrow(/too large for Fortran's order; save it in C's order/);
  });

  it('are read where they are asked for, in 32 bits if these hold the type', () => {
    const file = source(npy('|u1', [4, 2], Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)));
    const array = readNpy(file, 'a.npy');
    file.asked.splice(0);
    expect(array.elements(2, 2)).toEqual(Float32Array.of(2, 3));
    expect(file.asked).toEqual([2]);
    const wide = readNpy(source(npy('<i4', [1], bytesOf(Int32Array.of(2 ** 31 - 1)))), 'a.npy');
    expect(wide.elements(0, 1)).toEqual(Float64Array.of(2 ** 31 - 1));
  });

  it('do not give more elements at once than a sample can have', () => {
    const header = npy('|u1', [2 ** 28 + 1], new Uint8Array(0));
    const long = { ...source(header), length: header.length + 2 ** 28 + 1 };
    expect(() => readNpy(long, 'a.npy').elements(0, 2 ** 28 + 1)).toThrow(
      /268,435,457 elements are too many for a sample/,
    );
  });

  it.each([
    [Uint8Array.of(1, 2, 3), /does not begin as .npy files do/],
    [npy('|O', [1], new Uint8Array(8)), /holds objects/],
    [npy('<c8', [1], new Uint8Array(8)), /elements are c8/],
    [npy('<f4', [9], new Uint8Array(8)), /needs more bytes than it has/],
    [npy('<f4', [1e9, 1e9], new Uint8Array(8)), /needs more bytes than it has/],
    [npy('<f4', [1], new Uint8Array(4)).subarray(0, 20), /header is cut off/],
  ])('that are none are refused', (bytes, sentence) => {
    expect(() => readNpy(source(bytes), 'a.npy')).toThrow(sentence);
  });

  it('of any bytes are read or refused in a sentence', () => {
    const sound = npy('<f4', [2, 2], bytesOf(Float32Array.of(1, 2, 3, 4)));
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const bytes = sound.slice();
        bytes[at] = byte;
        try {
          all(readNpy(source(bytes), 'a.npy'));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe('pictures', () => {
  const red = { width: 1, height: 1, rgb: Float32Array.of(255, 0, 0) };
  const one = (picture: ReturnType<typeof readPicture>) => [...picture.rgb.subarray(0, 3)].map(Math.round);

  it.each([
    [{ channels: 3, depth: 8, data: Uint8Array.of(255, 0, 10) }, [255, 0, 10]],
    [{ channels: 1, depth: 8, data: Uint8Array.of(77) }, [77, 77, 77]],
    [{ channels: 1, depth: 16, data: Uint16Array.of(65_535) }, [255, 255, 255]],
    [{ channels: 4, depth: 8, data: Uint8Array.of(0, 0, 0, 0) }, [255, 255, 255]],
    [{ channels: 2, depth: 8, data: Uint8Array.of(0, 255) }, [0, 0, 0]],
  ] as const)('in PNG are read: %j', (form, expected) => {
    expect(one(readPicture(encode({ width: 1, height: 1, ...form }), 'a.png'))).toEqual(expected);
  });

  it.each([
    [1, [0b10100000], [255, 0, 255, 0]],
    [2, [0b11_00_01_10], [255, 0, 85, 170]],
    [4, [0xf0, 0x3c], [255, 0, 51, 204]],
  ])('in PNG of %i bits of grey are read', (bits, row, expected) => {
    const png = encode({ width: 4, height: 2, data: new Uint8Array(8), channels: 1 });
    png[24] = bits;
    const packed = pngWith(png, 'IDAT', zlibSync(Uint8Array.of(0, ...row, 0, ...row)));
    const greys = [...readPicture(packed, 'a.png').rgb].filter((_, i) => i % 3 === 0).map(Math.round);
    expect(greys).toEqual([...expected, ...expected]);
  });

  it('take as many bytes as they have values, unless these are no bytes', () => {
    const form = (channels: 1 | 3 | 4, depth: 8 | 16) => {
      const count = 4 * channels;
      const data = depth === 8 ? new Uint8Array(count) : new Uint16Array(count);
      return readPicture(encode({ width: 2, height: 2, channels, depth, data }), 'a.png').rgb;
    };
    expect([form(3, 8), form(1, 8)].map(({ byteLength }) => byteLength)).toEqual([12, 12]);
    for (const rgb of [form(4, 8), form(1, 16)]) expect(rgb).toBeInstanceOf(Float32Array);
    const { data } = jpeg.encode({ width: 8, height: 8, data: new Uint8Array(256) }, 95);
    expect(readPicture(data, 'a.jpg').rgb.byteLength).toBe(8 * 8 * 3);
  });

  it('in JPEG are read', () => {
    const data = new Uint8Array(16 * 16 * 4).fill(128);
    const { data: bytes } = jpeg.encode({ width: 16, height: 16, data }, 95);
    const picture = readPicture(bytes, 'a.jpg');
    expect([picture.width, picture.height]).toEqual([16, 16]);
    for (const value of picture.rgb) expect(Math.abs(value - 128)).toBeLessThan(3);
  });

  it('that are none, cut off or absurdly large are refused', () => {
    const sound = encode({ width: 4, height: 4, data: new Uint8Array(48), channels: 3 });
    const huge = sound.slice();
    huge.set([0x7f, 0xff, 0xff, 0xff], 16);
    for (const [bytes, sentence] of [
      [Uint8Array.of(1, 2, 3, 4, 5), /neither PNG nor JPEG/],
      [new Uint8Array(0), /neither PNG nor JPEG/],
      [huge, /2147483647 by 4 pixels/],
      [sound.subarray(0, 40), /a.png cannot be read as a picture/],
    ] as const)
      expect(() => readPicture(bytes, 'a.png')).toThrow(sentence);
  });

  it('that unpack to more than they say are refused', () => {
    const sound = encode({ width: 1, height: 1, data: new Uint8Array(1), channels: 1 });
    const bomb = (length: number) => pngWith(sound, 'IDAT', zlibSync(new Uint8Array(length)));
    expect(one(readPicture(bomb(2), 'a.png'))).toEqual([0, 0, 0]);
    expect(() => readPicture(bomb(2 ** 24), 'a.png')).toThrow(/unpack to more than the picture/);
  });

  it('leave alone what else is packed in them', () => {
    const sound = encode({ width: 1, height: 1, data: Uint8Array.of(7), channels: 1 });
    // A colour profile that is none, and a header that declares another size.
    const odd = pngWith(sound, 'iCCP', Uint8Array.of(65, 0, 0, 1, 2, 3));
    expect(one(readPicture(odd, 'a.png'))).toEqual([7, 7, 7]);
    const twice = pngWith(sound, 'IHDR', Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 8, 0, 0, 0, 0));
    expect(one(readPicture(twice, 'a.png'))).toEqual([7, 7, 7]);
  });

  it('that are interlaced are read', () => {
    // 1 by 1 pixel: the first of the seven passes alone, a filter and a grey.
    const sound = encode({ width: 1, height: 1, data: Uint8Array.of(7), channels: 1 });
    sound[28] = 1;
    expect(one(readPicture(sound, 'a.png'))).toEqual([7, 7, 7]);
  });

  it('keep their size, their mean, and a flat colour when resized', () => {
    const flat = { width: 5, height: 3, rgb: new Float32Array(45).fill(9) };
    for (const [rows, columns] of [
      [3, 5],
      [7, 11],
      [2, 2],
      [1, 1],
    ] as const) {
      const { width, height, rgb } = resize(flat, rows, columns);
      expect([height, width]).toEqual([rows, columns]);
      rgb.forEach((value) => expect(value).toBeCloseTo(9, 4));
    }
  });

  it('are not made larger than any model wants, also not on the way', () => {
    const wide = { width: 1, height: 200_000, rgb: new Float32Array(600_000) };
    expect(() => resize(wide, 224, 224)).toThrow(/1 by 200000 pixels cannot be made 224 by 224/);
    expect(() => resize(red, 30_000, 30_000)).toThrow(UserError);
  });

  it('are interpolated between the centres of pixels', () => {
    const ramp = { width: 2, height: 1, rgb: Float32Array.of(0, 0, 0, 100, 100, 100) };
    const { rgb } = resize(ramp, 1, 4);
    expect([rgb[0], rgb[3], rgb[6], rgb[9]]).toEqual([0, 25, 75, 100]);
  });

  it('shrink by what all their pixels are, none left out', () => {
    const dots = { width: 8, height: 1, rgb: new Float32Array(24) };
    dots.rgb.fill(100, 3 * 3, 3 * 4);
    const { rgb } = resize(dots, 1, 2);
    expect(rgb[0]! + rgb[3]!).toBeGreaterThan(20);
  });

  it('become the input that the model wants', () => {
    const options = { size: null, channels: 'RGB', mean: [0.5], std: [0.5] } as const;
    const input = (shape: (number | string | null)[]) => ({ name: 'x', elementType: 'float32', shape });
    expect(pictureTensor(red, input(['N', 3, 'H', 'W']), options)).toEqual({
      shape: [1, 3, 1, 1],
      data: Float32Array.of(1, -1, -1),
    });
    expect([...pictureTensor(red, input([1, null, null, 3]), { ...options, channels: 'BGR' }).data]).toEqual([
      -1, -1, 1,
    ]);
    expect(pictureTensor(red, input([1, 3, 4, 5]), { ...options, size: [9, 9] }).shape).toEqual([1, 3, 4, 5]);
    expect(pictureTensor(red, input([1, 3, null, null]), { ...options, size: [2, 6] }).shape).toEqual([
      1, 3, 2, 6,
    ]);
    const grey = pictureTensor(red, input([1, 1, 'H', 'W']), {
      ...options,
      channels: 'grey',
      mean: [0],
      std: [1],
    });
    expect(grey.data[0]).toBeCloseTo(0.299, 5);
    expect(() => pictureTensor(red, input([1, 512]), options)).toThrow(/not of four dimensions/);
    expect(() => pictureTensor(red, input([1, 1, 8, 8]), options)).toThrow(/have 3 channels, but .* takes 1/);
  });
});
