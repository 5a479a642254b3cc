import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema, TensorProtoSchema, type ModelProto, type TensorProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { memoryBytes } from '../../../../src/base/ByteSource';
import { UserError } from '../../../../src/base/UserError';
import { embedded, externalRange, isExternal, OWN_FILE } from '../../../../src/onnx/file/externalData';
import { parseModel, type ParsedModel } from '../../../../src/onnx/file/parseModel';
import { Graph } from '../../../../src/onnx/graph/Graph';
import { Scope } from '../../../../src/onnx/graph/Scope';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import { CountedBytes } from '../../../fixtures/onnx/countedBytes';
import {
  bytesOf,
  constant,
  DataType,
  externalTensor,
  floatBytes,
  floats,
  graph,
  model,
  modelFunction,
  node,
  ramp,
  rawTensor,
  sparseTensor,
  typedTensor,
  value,
} from '../../../fixtures/onnx/builder';
import { MemoryFiles } from '../../../fixtures/onnx/memoryFiles';
import { readReal, REAL_MODELS } from '../../../fixtures/onnx/inspect';

/** Every tensor of a model, wherever it is. */
function tensorsOf(proto: ModelProto): TensorProto[] {
  return Scope.all(proto as ModelProto & { graph: NonNullable<ModelProto['graph']> }).flatMap(
    ({ graph: each }) => [
      ...(each.$typeName === 'onnx.GraphProto'
        ? [
            ...each.initializer,
            ...each.sparseInitializer.flatMap(({ values, indices }) => [values!, indices!]),
          ]
        : []),
      ...each.node.flatMap(({ attribute: list }) =>
        list.flatMap(({ t, tensors, sparseTensor: sparse }) => [
          ...(t ? [t] : []),
          ...tensors,
          ...(sparse ? [sparse.values!, sparse.indices!] : []),
        ]),
      ),
    ],
  );
}

/** Takes all elements into the model that lie in its own file. */
function embedOwn(parsed: ModelProto, file: Uint8Array): number {
  let ranges = 0;
  for (const tensor of tensorsOf(parsed)) {
    if (!isExternal(tensor) || externalRange(tensor).location !== OWN_FILE) continue;
    const { offset, length } = externalRange(tensor);
    Object.assign(tensor, embedded(tensor, file.slice(offset, offset + length!)));
    ranges++;
  }
  return ranges;
}

/** Lists of floats become raw data, and where an external tensor's fields were set and emptied they are as if never set. */
function plain(proto: ModelProto): ModelProto {
  for (const tensor of tensorsOf(proto)) {
    const list = tensor.dataType === DataType.FLOAT ? tensor.floatData : tensor.doubleData;
    const bytes = tensor.rawData.length > 0 ? tensor.rawData : floatBytes(tensor.dataType, list);
    const { name, dims, dataType } = tensor;
    const isPlain = !isExternal(tensor) && tensor.int32Data.length === 0 && bytes.length > 0;
    if (!isPlain) continue;
    for (const key of Object.keys(tensor)) if (key !== '$typeName') Reflect.deleteProperty(tensor, key);
    Object.assign(tensor, create(TensorProtoSchema, { name, dims, dataType, rawData: bytes.slice() }));
  }
  return fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, proto));
}

/** Writes what was parsed, with the elements out of the file. */
function written(parsed: ParsedModel, file: Uint8Array): ModelProto {
  const files = new MemoryFiles({ [OWN_FILE]: file, 'w.bin': new Uint8Array(8192) });
  return fromBinary(ModelProtoSchema, serializeModel(new Graph(parsed), files, '').model);
}

/** Parses both ways and compares. @returns how many tensors were left in the file */
function compare(bytes: Uint8Array, minRange?: number): number {
  const structure = parseModel(memoryBytes(bytes), 'm.onnx', minRange);
  const full = plain(fromBinary(ModelProtoSchema, bytes));
  const again = plain(written(structure, bytes));
  const ranges = embedOwn(structure, bytes);
  expect(equals(ModelProtoSchema, plain(structure), full)).toBe(true);
  // Other files come into the model as well.
  if (!tensorsOf(full).some(isExternal)) expect(equals(ModelProtoSchema, again, full)).toBe(true);
  return ranges;
}

describe('the structure of a model', () => {
  it.each(Object.keys(REAL_MODELS) as (keyof typeof REAL_MODELS)[])(
    'is all but its elements: %s',
    (name) => {
      const bytes = readReal(name);
      // The tensors of cls are all small.
      expect(compare(bytes) > 0).toBe(name !== 'cls');
      expect(compare(bytes, 16)).toBeGreaterThan(30);
    },
    30_000,
  );

  it('is the same for any model, whatever counts as large', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 });
    const kinds = fc.constantFrom('raw', 'list', 'halves', 'double', 'external', 'int64');
    const tensors = fc.array(fc.tuple(kinds, sizes), { maxLength: 6 });
    fc.assert(
      fc.property(
        tensors,
        tensors,
        tensors,
        fc.integer({ min: 1, max: 200 }),
        (own, inner, deep, minRange) => {
          const make = (list: typeof own, prefix: string) =>
            list.map(([kind, dims], i) => tensorOf(kind, `${prefix}${i}`, dims));
          const body = graph({
            nodes: make(deep, 'd').map((tensor) => constant(tensor)),
            initializers: make(inner, 'i'),
          });
          const proto = model(
            {
              nodes: [
                node('If', ['c'], 'y', { then_branch: body }),
                ...make(inner, 'n').map((t) => constant(t)),
              ],
              initializers: make(own, 'o'),
              sparse: [sparseTensor('s', [90], [1, 2, 3])],
              outputs: [value('y', ['n', 3])],
            },
            {
              functions: [
                modelFunction(
                  'd',
                  'f',
                  [],
                  ['z'],
                  make(deep, 'f').map((t) => constant(t)),
                ),
              ],
            },
          );
          compare(bytesOf(proto), minRange);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is written with all that it was, as long as it was', () => {
    for (const name of Object.keys(REAL_MODELS) as (keyof typeof REAL_MODELS)[]) {
      const bytes = readReal(name);
      const files = new MemoryFiles({ [OWN_FILE]: bytes });
      const graphs = new Graph(parseModel(memoryBytes(bytes), name));
      const result = serializeModel(graphs, files, '');
      expect(result.model.length).toBe(bytes.length);
      expect(Math.max(...[...result.chunks()].map(({ length }) => length))).toBeLessThanOrEqual(2 ** 22);
    }
  });

  it('of elements whose type nobody knows is written as it was', () => {
    const tensor = rawTensor('w', 99, [7, 7], new Uint8Array(100_000).fill(3));
    const bytes = bytesOf(model({ initializers: [tensor], outputs: [value('y', [1])] }));
    expect(bytesOf(written(parseModel(memoryBytes(bytes), 'm'), bytes))).toEqual(bytes);
  });

  it('keeps what is not known, in messages with other lengths as well', () => {
    const bytes = bytesOf(
      model({ nodes: [node('Relu', ['x'], 'y')], outputs: [], initializers: [floats('w', [40])] }),
    );
    const more = new Uint8Array([...bytes, 0xfa, 0x3f, 2, 7, 7]);
    const parsed = parseModel(memoryBytes(more), 'm', 16);
    expect(isExternal(parsed.graph.initializer[0]!)).toBe(true);
    expect(parsed.$unknown).toEqual([{ no: 1023, wireType: 2, data: Uint8Array.of(2, 7, 7) }]);
  });

  it('is read without the weights: less than 1 % of a file of 40 MB', () => {
    const bytes = bytesOf(
      model({
        nodes: Array.from({ length: 20 }, (_, i) => node('MatMul', ['x', `w${i}`], `y${i}`, {}, `m${i}`)),
        initializers: Array.from({ length: 20 }, (_, i) =>
          i % 2
            ? rawTensor(`w${i}`, DataType.FLOAT, [500, 1000], new Uint8Array(2_000_000))
            : typedTensor(`w${i}`, DataType.FLOAT, [500, 1000], Array<number>(500_000).fill(i)),
        ),
        outputs: [value('y0', [1])],
      }),
    );
    const source = new CountedBytes(bytes);
    const { graph: parsed } = parseModel(source, 'm.onnx');
    expect(parsed.initializer.map(isExternal)).not.toContain(false);
    expect(source.read).toBeLessThan(bytes.length / 100);
  });

  it('leaves what is small, spread or not in the order of raw data where it is', () => {
    const parsed = parseModel(
      memoryBytes(
        bytesOf(
          model({
            outputs: [value('y', [1])],
            initializers: [
              floats('small', [3]),
              typedTensor('halves', DataType.FLOAT16, [40], [...ramp([40])]),
              create(TensorProtoSchema, { ...floats('both', [40]), floatData: [1] }),
            ],
          }),
        ),
      ),
      'm.onnx',
      16,
    );
    expect(parsed.graph.initializer.map(isExternal)).toEqual([false, false, false]);
  });
});

function tensorOf(kind: string, name: string, dims: readonly number[]): TensorProto {
  const count = dims.reduce((product, size) => product * size, 1);
  const numbers = [...ramp([Math.min(count, 300)])];
  const length = [numbers.length];
  switch (kind) {
    case 'list':
      return typedTensor(name, DataType.FLOAT, length, numbers);
    case 'halves':
      return typedTensor(name, DataType.FLOAT16, length, numbers);
    case 'double':
      return typedTensor(name, DataType.DOUBLE, length, numbers);
    case 'external':
      return externalTensor(name, length, { location: 'w.bin', offset: '4096' });
    case 'int64':
      return rawTensor(name, DataType.INT64, length, new Uint8Array(8 * numbers.length));
    default:
      return floats(name, length, numbers);
  }
}

describe('a hostile file', () => {
  const complaint = (bytes: Uint8Array) => {
    try {
      parseModel(memoryBytes(bytes), 'm.onnx');
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    }
    return 'none';
  };
  const field = (number: number, content: Uint8Array) => {
    const head: number[] = [];
    for (let tag = number * 8 + 2; tag > 0; tag = Math.floor(tag / 128))
      head.push((tag % 128) | (tag > 127 ? 128 : 0));
    const length: number[] = [];
    for (let rest = content.length; rest > 0 || length.length === 0; rest = Math.floor(rest / 128))
      length.push((rest % 128) | (rest > 127 ? 128 : 0));
    const bytes = new Uint8Array(head.length + length.length + content.length);
    bytes.set([...head, ...length]);
    bytes.set(content, head.length + length.length);
    return bytes;
  };
  const inModel = (graphBytes: Uint8Array) => {
    const inner = field(7, graphBytes);
    const bytes = new Uint8Array(inner.length + 2);
    bytes.set([8, 8]);
    bytes.set(inner, 2);
    return bytes;
  };
  const pairs = (count: number, tag: number) => new Uint8Array(2 * count).map((_, i) => (i % 2 ? 0 : tag));

  it.each([
    ['nodes', 0x0a],
    ['initializers', 0x2a],
    ['values', 0x6a],
  ])('of 6 MB of nothing but empty %s is refused before it takes memory', (_, tag) => {
    const content = pairs(3_000_000, tag);
    const sentence = complaint(inModel(content));
    expect(sentence).toBe(
      'm.onnx has more nodes, attributes and lists than any real model: reading them would take more than 1 GiB of memory.',
    );
  });

  it('of integers in a list is refused before they become BigInts', () => {
    const attr = field(1, field(5, field(8, new Uint8Array(40_000_000))));
    expect(complaint(inModel(attr))).toContain('more nodes, attributes and lists than any real model');
  });

  it('has lengths beyond its end or its message', () => {
    expect(complaint(Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 7, 1))).toBe(
      'm.onnx is cut off or damaged: it ends in the middle of a field.',
    );
    const beyond = inModel(Uint8Array.of(0x0a, 40, 1));
    expect(complaint(new Uint8Array([...beyond, ...field(1022, new Uint8Array(100))]))).toBe(
      'm.onnx is not an ONNX model, or damaged: its bytes are not valid protobuf.',
    );
  });

  it('has endless varints, field number 0 or groups', () => {
    const sentence = 'm.onnx is not an ONNX model, or damaged: its bytes are not valid protobuf.';
    expect(complaint(new Uint8Array(30).fill(0xff))).toBe(sentence);
    expect(complaint(Uint8Array.of(8, 8, 2, 1, 1))).toBe(sentence);
    expect(complaint(Uint8Array.of(8, 8, 0x0b, 0x0c))).toBe(sentence);
  });

  it('may say of itself that its weights lie where they do not', () => {
    const tensor = externalTensor('w', [40, 40], { location: OWN_FILE, offset: '10' });
    const bytes = bytesOf(model({ initializers: [tensor], outputs: [value('y', [1])] }));
    expect(isExternal(parseModel(memoryBytes(bytes), 'm').graph.initializer[0]!)).toBe(true);
  });

  it('is never more than a sentence, with any length or tag changed', () => {
    const bytes = bytesOf(
      model({
        nodes: [constant(floats('k', [40])), node('Relu', ['x'], 'y', { a: 3 })],
        initializers: [floats('w', [40]), typedTensor('v', DataType.FLOAT, [40], [...ramp([40])])],
        outputs: [value('y', [1])],
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (list) => {
          const changed = bytes.slice();
          for (const [at, byte] of list) changed[at] = byte;
          try {
            parseModel(new CountedBytes(changed), 'm.onnx', 16);
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
