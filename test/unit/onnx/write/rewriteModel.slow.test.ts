import type { Tensor } from 'onnxruntime-node';
import type { ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import type { InspectedModel } from '../../../../src/onnx/read/inspectModel';
import { rewriteModel } from '../../../../src/onnx/write/rewriteModel';
import { serializeModel } from '../../../../src/onnx/write/serializeModel';
import { UserError } from '../../../../src/base/UserError';
import {
  bytesOf,
  constant,
  DataType,
  floats,
  graph,
  ints,
  model,
  modelFunction,
  node,
  value,
  type GraphParts,
} from '../../../fixtures/onnx/builder';
import { decode, encodedTensor, trueBytes, type FormName } from '../../../fixtures/onnx/encoded';
import { type REAL_MODELS, inspect, readReal } from '../../../fixtures/onnx/inspect';
import { NO_FILES } from '../../../fixtures/onnx/memoryFiles';
import { floatTensor, load, run } from '../../../fixtures/onnx/runtime';

/** Gives every layer this form. */
function rewritten(inspected: InspectedModel, form: FormName): Uint8Array {
  const open = [...inspected.layers].filter(([, { summary }]) => summary.quantized === null);
  const replacements = new Map(open.map(([name, { layout }]) => [name, encodedTensor(form, layout)]));
  return serializeModel(rewriteModel(inspected, replacements), NO_FILES, 'm.data').model;
}

/** The model's outputs with its weights set to the values that the form stands for. */
async function expected(proto: ModelProto, form: FormName, feeds: Record<string, Tensor>) {
  const inspected = inspect(proto);
  for (const { constant: weight, layout } of inspected.layers.values())
    weight.tensor.rawData = new Uint8Array(decode(encodedTensor(form, layout), layout).slice().buffer);
  return (await run(bytesOf(inspected.graph.model), feeds))['y']!.data;
}

const matmul = (weight: string, from = 'x', to = 'y') =>
  node('MatMul', [from, weight], to, {}, `m_${weight}`);
const main = (parts: GraphParts): GraphParts => ({
  inputs: [value('x', [2, 5])],
  outputs: [value('y', [2, 5])],
  ...parts,
});
const body = (parts: GraphParts, output = 'z') => graph({ outputs: [value(output, [2, 5])], ...parts });
const yes = ints('yes', DataType.BOOL, [], [1]);
const square = (name: string) => floats(name, [5, 5]);

/** Weights in every place that one can be, each with two layers so that tables are shared. */
const PLACES: Record<string, () => ModelProto> = {
  'in initializers': () =>
    model(
      main({ nodes: [matmul('a', 'x', 'h'), matmul('b', 'h')], initializers: [square('a'), square('b')] }),
    ),
  'in Constant nodes': () =>
    model(
      main({
        nodes: [constant(square('a')), matmul('a', 'x', 'h'), constant(square('b')), matmul('b', 'h')],
      }),
    ),
  'in initializers that are inputs': () =>
    model(
      main({
        nodes: [matmul('a', 'x', 'h'), matmul('b', 'h')],
        initializers: [square('a'), square('b')],
        inputs: [value('x', [2, 5]), value('a', [5, 5]), value('b', [5, 5])],
      }),
      { ir: 3, opset: 9 },
    ),
  'in the branches of an If': () =>
    model(
      main({
        nodes: [
          node('If', ['yes'], 'h', {
            then_branch: body({ nodes: [matmul('a', 'x', 'z')], initializers: [square('a')] }),
            else_branch: body({ nodes: [constant(square('c')), matmul('c', 'x', 'z')] }),
          }),
          matmul('b', 'h'),
        ],
        initializers: [yes, square('b')],
      }),
    ),
  'outside the branch that uses them': () =>
    model(
      main({
        nodes: [
          node('If', ['yes'], 'y', {
            then_branch: body({ nodes: [matmul('a', 'x', 'h'), matmul('b', 'h', 'z')] }),
            else_branch: body({ nodes: [node('Identity', ['x'], 'z')] }),
          }),
        ],
        initializers: [yes, square('a'), square('b')],
      }),
    ),
  'in the body of a Loop': () =>
    model(
      main({
        nodes: [
          node('Loop', ['three', 'yes', 'x'], 'y', {
            body: graph({
              nodes: [matmul('a', 's', 'h'), matmul('b', 'h', 'z'), node('Identity', ['go'], 'on')],
              initializers: [square('a'), square('b')],
              inputs: [value('i', [], DataType.INT64), value('go', [], DataType.BOOL), value('s', [2, 5])],
              outputs: [value('on', [], DataType.BOOL), value('z', [2, 5])],
            }),
          }),
        ],
        initializers: [ints('three', DataType.INT64, [], [3]), yes],
      }),
    ),
  'in the body of a Scan': () =>
    model(
      main({
        nodes: [
          node('Scan', ['x'], 'y', {
            num_scan_inputs: 1,
            body: graph({
              nodes: [matmul('a', 's', 'h'), matmul('b', 'h', 'z')],
              initializers: [square('a'), square('b')],
              inputs: [value('s', [5])],
              outputs: [value('z', [5])],
            }),
          }),
        ],
      }),
    ),
  'in a function': () =>
    model(main({ nodes: [node('my:Two', ['x'], 'h'), matmul('c', 'h')], initializers: [square('c')] }), {
      domains: ['my'],
      functions: [
        modelFunction(
          'my',
          'Two',
          ['x'],
          ['z'],
          [constant(square('a')), constant(square('b')), matmul('a', 'x', 'h'), matmul('b', 'h', 'z')],
        ),
      ],
    }),
};

const PLACED = [
  'int8',
  'uint8',
  'int4',
  'log4',
  'binary',
  'uint3/4',
  'int16',
  'mxfp4',
  'fp8e4m3',
  'bf16',
  'codebook3/channel',
  'vq4x16p2',
];

describe.each(Object.keys(PLACES))('weights %s', (place) => {
  it.each<FormName>(PLACED)('become %s', async (form) => {
    const feeds = { x: floatTensor([2, 5]) };
    const output = rewritten(inspect(PLACES[place]!()), form);
    expect((await run(output, feeds))['y']!.data).toEqual(await expected(PLACES[place]!(), form, feeds));

    const again = inspect(output);
    expect(again.inspection.layers.length).toBeGreaterThan(0);
    // Half precision is a float type, and no quantized one.
    if (form !== 'bf16')
      expect(again.inspection.layers.filter(({ quantized }) => quantized === null)).toEqual([]);
    for (const { reason } of again.inspection.skipped) expect(reason).toMatch(/scale/);
  });
});

describe('the graph around a weight', () => {
  it('keeps every name', async () => {
    const parts = main({
      nodes: [matmul('a'), node('Relu', ['a'], 'r')],
      initializers: [square('a')],
      outputs: [value('y', [2, 5]), value('a', [5, 5]), value('r', [5, 5])],
    });
    const results = await run(rewritten(inspect(model(parts)), 'int8'), { x: floatTensor([2, 5]) });
    const layout = { outer: 5, channels: 5, inner: 1 };
    expect(results['a']!.data).toEqual(decode(encodedTensor('int8', layout), layout));
  });

  it('gets no name twice, in whatever graph', async () => {
    const hints = ['codes', 'scale', 'Cast', 'Gather', 'Mul', 'shape', 'Reshape'].map((hint) => `a_${hint}`);
    const taken = [...hints, 'quantscope_table_4bit'];
    const relus = taken.map((name) => node('Relu', ['x'], name));
    const inner = body({
      nodes: [...taken.map((n) => node('Neg', ['x'], `${n}_2`)), node('Identity', ['x'], 'z')],
    });
    const parts = main({
      nodes: [...relus, node('If', ['yes'], 'u', { then_branch: inner, else_branch: inner }), matmul('a')],
      initializers: [square('a'), yes],
    });
    const written = inspect(rewritten(inspect(model(parts)), 'log4'));
    const names = written.graph.scopes.flatMap(({ graph: { node: nodes } }) =>
      nodes.flatMap(({ output }) => output),
    );
    const outputs = written.graph.nodes.flatMap(({ output }) => output);
    expect(new Set(outputs).size).toBe(outputs.length);
    expect(names.filter((name) => name === 'a_codes_2')).toHaveLength(2);
    await run(rewritten(inspect(model(parts)), 'log4'), { x: floatTensor([2, 5]) });
  });

  it('has one table, whoever uses it', () => {
    for (const [place, tables] of [
      ['in initializers', 1],
      ['in the branches of an If', 1],
      ['in a function', 1],
    ] as const) {
      const { inspection } = inspect(rewritten(inspect(PLACES[place]!()), 'log4'));
      const shapes = inspection.skipped.filter(({ shape }) => shape[0] === 256);
      expect(shapes.map(({ shape }) => shape)).toEqual(Array.from({ length: tables }, () => [256, 2]));
    }
  });

  it('takes 4 bits and 1 bit per weight on disk', () => {
    const large = () =>
      inspect(
        model(
          main({
            nodes: [matmul('w')],
            initializers: [floats('w', [5, 4000])],
            outputs: [value('y', [2, 4000])],
          }),
        ),
      );
    const scales = 4000 * 4;
    for (const [form, bytes] of [
      ['int8', 20_000],
      ['int4', 10_000 + 2048],
      ['log4', 10_000 + 2048],
      ['binary', 2500 + 8192],
    ] as const)
      expect(Math.abs(rewritten(large(), form).length - scales - bytes)).toBeLessThan(1000);
  });

  it('gets the IR version that 4-bit types need, and no other', () => {
    const rewrite = (form: FormName, opset: number) =>
      inspect(
        rewritten(
          inspect(model(main({ nodes: [matmul('a')], initializers: [square('a')] }), { opset })),
          form,
        ),
      ).graph.model.irVersion;
    expect([rewrite('int4', 21), rewrite('int4', 17), rewrite('int8', 21)]).toEqual([10n, 8n, 8n]);
  });

  it('is refused if its opset is too old to say it', () => {
    const old = inspect(
      model(main({ nodes: [matmul('a')], initializers: [square('a')] }), { opset: 6, ir: 3 }),
    );
    expect(() => rewritten(old, 'int8')).toThrow(
      new UserError('The model uses opset 6; quantized weights need 7 or later.'),
    );
  });

  it('is never quantized twice', () => {
    const again = inspect(rewritten(inspect(PLACES['in initializers']!()), 'int8'));
    const [name, { layout }] = [...again.layers][0]!;
    expect(() => rewriteModel(again, new Map([[name, encodedTensor('int8', layout)]]))).toThrow(
      'is no layer to be replaced',
    );
  });
});

/** Bytes of all tables together that any form shares among its weights. */
const SHARED_TABLES = 2 ** 14;
/** Bytes of the nodes that one weight becomes; most of it are names, which are long in silero. */
const NODES = 2000;

describe.each(['cls', 'det', 'rec', 'silero'] as (keyof typeof REAL_MODELS)[])(
  'the real model %s',
  (name) => {
    it.each<FormName>([
      'int8',
      'uint8',
      'int4',
      'int3',
      'log4',
      'binary',
      'mxfp4',
      'codebook4/channel',
      'vq2x256',
    ])('loads as %s, and is as large as its weights and little more', async (form) => {
      const bytes = readReal(name);
      const inspected = inspect(bytes);
      const before = inspected.inspection.layers;
      const weights = [...inspected.layers.values()].reduce(
        (sum, { layout }) => sum + trueBytes(encodedTensor(form, layout)),
        bytes.length - before.reduce((sum, layer) => sum + layer.bytes, 0),
      );
      const output = rewritten(inspected, form);
      expect(output.length).toBeLessThan(weights + SHARED_TABLES + before.length * NODES);
      await (await load(output)).release();
      const after = inspect(output).inspection.layers;
      expect(after.map(({ name: layer }) => layer)).toEqual(before.map(({ name: layer }) => layer));
      expect(after.every(({ quantized }) => quantized !== null)).toBe(true);
      expect(after.map(({ parameters }) => parameters)).toEqual(before.map(({ parameters }) => parameters));
    });
  },
);
