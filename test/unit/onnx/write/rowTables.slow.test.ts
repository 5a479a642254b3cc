/** Rows that a Gather takes of a quantized table are, in onnxruntime, to the last bit those of the table that its codes stand for. */
import { Tensor } from '../../../../src/engine/runtime/onnxruntime.mjs';
import type { ModelProto, NodeProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import {
  constant,
  DataType,
  floats,
  graph,
  ints,
  model,
  modelFunction,
  node,
  value,
} from '../../../fixtures/onnx/builder';
import { decode, encodedTensor, type FormName } from '../../../fixtures/onnx/encoded';
import { inspect } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { load, run } from '../../../fixtures/onnx/runtime';

const ROWS = 24;
const WIDTH = 12;

interface Case {
  readonly nodes: readonly NodeProto[];
  /** Of the table. */
  readonly shape?: readonly number[];
  readonly outputs?: Readonly<Record<string, readonly (number | string)[]>>;
}

function lookUps(
  { nodes, shape = [ROWS, WIDTH], outputs = { y: ['n', 'm', WIDTH] } }: Case,
  opset: number,
): ModelProto {
  return model(
    {
      nodes,
      inputs: [value('ids', ['n', 'm'], DataType.INT64)],
      outputs: Object.entries(outputs).map(([name, dims]) => value(name, dims)),
      initializers: [floats('table', shape)],
    },
    { opset, ir: 10 },
  );
}

const ids = new Tensor('int64', BigInt64Array.from([0n, 23n, 5n, -1n, 5n, 11n]), [2, 3]);

function rewritten(proto: ModelProto, form: FormName) {
  const inspected = inspect(proto);
  const [name, { layout }] = [...inspected.layers][0]!;
  const tensor = encodedTensor(form, layout);
  const graphOf = rewriteModel(inspected, new Map([[name, tensor]]));
  return {
    graph: graphOf,
    bytes: serializeModel(graphOf, NO_FILES, 'm.data').model,
    values: decode(tensor, layout),
  };
}

/** The same model over the float table that the codes stand for. */
async function expected(proto: ModelProto, values: Float32Array) {
  const inspected = inspect(proto);
  [...inspected.layers.values()][0]!.constant.tensor.rawData = new Uint8Array(values.slice().buffer);
  return run(serializeModel(inspected.graph, NO_FILES, 'm.data').model, { ids });
}

const rowsOf = (values: ArrayLike<number>, indices: readonly number[], width: number) =>
  indices.flatMap((row) =>
    Array.from({ length: width }, (_, i) => values[((row + ROWS) % ROWS) * width + i]!),
  );

const BY_ROW: readonly FormName[] = [
  'int8',
  'uint8',
  'uint8/plain',
  'int8/tensor',
  'uint8/tensor',
  'int8/4',
  'uint8/4',
];
const PACKED: readonly FormName[] = ['int4', 'uint4', 'int4/tensor', 'uint4/tensor', 'int4/4', 'uint4/4'];

describe.each([13, 17, 21])('opset %i', (opset) => {
  it.each([...BY_ROW, ...PACKED])('rows of %s', async (form) => {
    const proto = lookUps({ nodes: [node('Gather', ['table', 'ids'], 'y', {}, 'embed')] }, opset);
    const { graph: after, bytes, values } = rewritten(proto, form);
    const { y } = await run(bytes, { ids });
    expect(y!.dims).toEqual([2, 3, WIDTH]);
    expect(Array.from(y!.data as Float32Array)).toEqual(rowsOf(values, [0, 23, 5, -1, 5, 11], WIDTH));
    expect(after.nodes.map(({ opType }) => opType)).not.toContain('DequantizeLinear');
    // The largest thing that is read is codes.
    expect(after.nodes.find(({ name }) => name === 'embed')!.input[0]).toMatch(/codes/);

    const [layer, ...others] = inspect(bytes).inspection.layers;
    expect(others).toEqual([]);
    expect(layer).toMatchObject({ name: 'embed', shape: [ROWS, WIDTH], parameters: ROWS * WIDTH });
    expect(layer!.quantized).not.toBeNull();
  });
});

describe('a table', () => {
  it.each<FormName>(['int8', 'uint8', 'int8/tensor', 'int4', 'int8/4'])(
    'that others read as well is stored once, as %s',
    async (form) => {
      const proto = () =>
        lookUps(
          {
            nodes: [
              node('Gather', ['table', 'ids'], 'h', {}, 'embed'),
              node('Transpose', ['table'], 'turned', { perm: [1, 0] }),
              node('MatMul', ['h', 'turned'], 'y', {}, 'head'),
            ],
            outputs: { y: ['n', 'm', ROWS], h: ['n', 'm', WIDTH] },
          },
          21,
        );
      const { graph: after, bytes, values } = rewritten(proto(), form);
      const [mine, theirs] = [await run(bytes, { ids }), await expected(proto(), values)];
      expect(mine['h']!.data).toEqual(theirs['h']!.data);
      const products = theirs['y']!.data as Float32Array;
      for (const [i, number] of (mine['y']!.data as Float32Array).entries())
        expect(number).toBeCloseTo(products[i]!, 4);
      const { initializer } = after.model.graph;
      const sizes = initializer.filter(({ name }) => /codes/.test(name)).map(({ rawData }) => rawData.length);
      expect(sizes).toEqual([form === 'int4' ? (ROWS * WIDTH) / 2 : ROWS * WIDTH]);
    },
  );

  it.each<[FormName, number, readonly number[]]>([
    ['int8', 1, [2, ROWS, 3]],
    ['uint8', 1, [2, ROWS, 3]],
    ['int8/tensor', 1, [2, ROWS, 3]],
    ['int8', -1, [3, ROWS]],
    ['int8', 0, [ROWS, 3, 2]],
  ])('as %s is read along axis %i of %j', async (form, axis, shape) => {
    const dims = shape.flatMap<number | string>((size, i) =>
      i === (axis < 0 ? axis + shape.length : axis) ? ['n', 'm'] : [size],
    );
    const proto = () =>
      lookUps({ nodes: [node('Gather', ['table', 'ids'], 'y', { axis })], shape, outputs: { y: dims } }, 17);
    const { graph: after, bytes, values } = rewritten(proto(), form);
    expect((await run(bytes, { ids }))['y']!.data).toEqual((await expected(proto(), values))['y']!.data);
    expect(after.nodes[0]!.opType).toBe('Gather');
  });

  it('is read by one index, and by none', async () => {
    const proto = lookUps({ nodes: [node('Gather', ['table', 'ids'], 'y')] }, 17);
    for (const form of ['int8', 'uint4/4'] as const) {
      const { bytes, values } = rewritten(proto, form);
      const session = await load(bytes);
      const none = await session.run({ ids: new Tensor('int64', new BigInt64Array(0), [0, 2]) });
      expect(none['y']!.dims).toEqual([0, 2, WIDTH]);
      const one = await session.run({ ids: new Tensor('int64', BigInt64Array.of(7n), [1, 1]) });
      expect(Array.from(one['y']!.data as Float32Array)).toEqual(rowsOf(values, [7], WIDTH));
      await session.release();
    }
  });

  it('is read in a branch and in a function', async () => {
    const branch = graph({
      nodes: [node('Gather', ['table', 'ids'], 'z')],
      outputs: [value('z', ['n', 'm', WIDTH])],
    });
    const inBranch = model(
      {
        nodes: [node('If', ['yes'], 'y', { then_branch: branch, else_branch: branch })],
        inputs: [value('ids', ['n', 'm'], DataType.INT64)],
        outputs: [value('y', ['n', 'm', WIDTH])],
        initializers: [floats('table', [ROWS, WIDTH]), ints('yes', DataType.BOOL, [], [1])],
      },
      { opset: 17 },
    );
    const inFunction = model(
      {
        nodes: [node('my:Embed', ['ids'], 'y')],
        inputs: [value('ids', ['n', 'm'], DataType.INT64)],
        outputs: [value('y', ['n', 'm', WIDTH])],
      },
      {
        domains: ['my'],
        functions: [
          modelFunction(
            'my',
            'Embed',
            ['i'],
            ['e'],
            [constant(floats('table', [ROWS, WIDTH])), node('Gather', ['table', 'i'], 'e')],
          ),
        ],
      },
    );
    for (const proto of [inBranch, inFunction])
      for (const form of ['int8', 'uint4/4'] as const) {
        const { bytes, values } = rewritten(proto, form);
        const { y } = await run(bytes, { ids });
        expect(Array.from(y!.data as Float32Array)).toEqual(rowsOf(values, [0, 23, 5, -1, 5, 11], WIDTH));
      }
  });
});
