/** Equalization in an export: kept where other samples say that it helps, and the same file as without where they do not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_IMAGE } from '../../../../src/core/recipe/calibration';
import { gainDb } from '../../../../src/core/measure/Decibels';
import { readModel } from '../../../../src/engine/formats/readModel';
import type { ExportReport } from '../../../../src/core/report/report';
import type { Recipe } from '../../../../src/core/recipe/recipe';
import { Random } from '../../../../src/engine/data/random';
import { bytesOf, floats, model, node, value, type GraphParts } from '../../../fixtures/onnx/builder';
import { manySamples } from '../../../fixtures/manySamples';
import { writeModel } from '../../cli/badModels';
import { Exporter } from './exporter';

const ROWS = [12, 16] as const;
const PICTURE = [1, 3, 8, 8] as const;
const exporter = new Exporter();

beforeAll(async () => {
  await exporter.start();
  manySamples(join(exporter.folder, 'rows'), ROWS, 24);
  manySamples(join(exporter.folder, 'pictures'), PICTURE, 24);
}, 60_000);
afterAll(() => exporter.remove());

const random = new Random(5);

/** Normal numbers, those of a channel times its factor. */
function weight(name: string, dims: readonly number[], factor: (channel: number[]) => number = () => 1) {
  const count = dims.reduce((a, b) => a * b, 1);
  const place = (i: number) => {
    const indices: number[] = [];
    for (const size of dims.toReversed()) {
      indices.unshift(i % size);
      i = Math.floor(i / size);
    }
    return indices;
  };
  return floats(
    name,
    dims,
    Float32Array.from({ length: count }, (_, i) => random.normal() * factor(place(i))),
  );
}

/** Some channels are far larger than others. */
const spread = (channel: number) => (channel % 7 === 3 ? 60 : 1 + (channel % 3));

const NORM: GraphParts = {
  nodes: [
    node('LayerNormalization', ['x', 'g', 'c'], 'n'),
    node('MatMul', ['n', 'q'], 'h', {}, 'q'),
    node('MatMul', ['n', 'k'], 'i', {}, 'k'),
    node('Add', ['h', 'i'], 'y'),
  ],
  initializers: [
    floats(
      'g',
      [16],
      Float32Array.from({ length: 16 }, (_, i) => spread(i)),
    ),
    weight('c', [16]),
    weight('q', [16, 8], ([input]) => 1 / spread(input!)),
    weight('k', [16, 8], ([input]) => 1 / spread(input!)),
  ],
};

const CONVOLUTIONS: GraphParts = {
  nodes: [
    node('Conv', ['x', 'a', 'bias'], 'h', {}, 'a'),
    node('Relu', ['h'], 'r'),
    node('Conv', ['r', 'b'], 'y', {}, 'b'),
  ],
  initializers: [
    weight('a', [14, 3, 3, 3], ([output]) => spread(output!)),
    weight('bias', [14], ([output]) => spread(output!)),
    weight('b', [4, 14, 1, 1], ([, input]) => 1 / spread(input!)),
  ],
};

/** What is normalized goes on beside the product as well, as in a Transformer with normalization behind the sum. */
const RESIDUAL: GraphParts = {
  nodes: [
    node('LayerNormalization', ['x', 'g', 'c'], 'n'),
    node('MatMul', ['n', 'q'], 'h', {}, 'q'),
    node('Add', ['h', 'n'], 'y'),
  ],
  initializers: [
    floats(
      'g',
      [16],
      Float32Array.from({ length: 16 }, (_, i) => spread(i)),
    ),
    weight('c', [16]),
    weight('q', [16, 16], ([input]) => 8 / spread(input!)),
  ],
};

/** Channels alike: nothing to gain. */
const EVEN: GraphParts = {
  ...NORM,
  initializers: [
    floats('g', [16], new Float32Array(16).fill(1)),
    floats('c', [16], new Float32Array(16)),
    weight('q', [16, 8], () => 1),
    weight('k', [16, 8], () => 1),
  ],
};

function exported(parts: GraphParts, recipe: Partial<Recipe>) {
  const isPicture = parts === CONVOLUTIONS;
  const inputs = [value('x', isPicture ? PICTURE : ROWS)];
  const outputs = [value('y', isPicture ? [1, 4, 6, 6] : [12, parts === RESIDUAL ? 16 : 8])];
  const path = writeModel(exporter.folder, 'model.onnx', bytesOf(model({ ...parts, inputs, outputs })));
  const data = join(exporter.folder, isPicture ? 'pictures' : 'rows');
  const calibration = { data, samples: 24, labels: null, image: DEFAULT_IMAGE };
  return exporter.export(path, { calibration, ...recipe });
}

const INTEGERS = { activations: 'uint8' } as const;
const repair = 'equalize';

describe('equalization of channels', () => {
  it('saves activations whose channels differ from their normalization', async () => {
    const { report, inspection } = await exported(NORM, { ...INTEGERS, repair });
    const [made] = report.repairs;
    expect(made).toMatchObject({ pass: repair, changed: 2, tried: 2, kept: true });
    expect(gainDb(made!.after, made!.before)).toBeGreaterThan(6);
    expect(report.layers.map(({ name }) => name)).toEqual(['q', 'k']);
    expect(report.notes).toEqual([]);
    expect(inspection.model.inputs).toHaveLength(1);
    const plain = await exported(NORM, INTEGERS);
    expect(report.output.bytes).toBe(plain.report.output.bytes);
    const gain = gainDb(sqnrOf(report), sqnrOf(plain.report));
    expect(gain).toBeGreaterThan(6);
  });

  it('saves weights with one scale for two layers whose channels differ', async () => {
    const recipe: Partial<Recipe> = { default: 'int8/tensor' };
    const { report } = await exported(CONVOLUTIONS, { ...recipe, repair });
    expect(report.repairs).toMatchObject([{ changed: 1, tried: 1, kept: true }]);
    expect(report.repairs[0]!.note).toMatch(
      /^By (cross-layer equalization|activation-aware scaling \(AWQ\))\.$/,
    );
    const plain = await exported(CONVOLUTIONS, recipe);
    expect(gainDb(sqnrOf(report), sqnrOf(plain.report))).toBeGreaterThan(6);
  });

  it('puts a Mul in front of a product whose input goes on elsewhere, if that is worth it', async () => {
    const { report, count } = await exported(RESIDUAL, { ...INTEGERS, repair });
    expect(report.repairs).toMatchObject([{ changed: 1, tried: 1, kept: true }]);
    expect(count('Mul')).toBe(1);
    const plain = await exported(RESIDUAL, INTEGERS);
    expect(plain.count('Mul')).toBe(0);
    expect(gainDb(sqnrOf(report), sqnrOf(plain.report))).toBeGreaterThan(1);
  });

  it.each([INTEGERS, {}])('leaves a model as it is that gains nothing: %j', async (recipe) => {
    const { report, output } = await exported(EVEN, { ...recipe, repair });
    expect(report.repairs.filter(({ kept }) => kept)).toEqual([]);
    const plain = await exported(EVEN, recipe);
    expect(readFileSync(output)).toEqual(readFileSync(plain.output));
  });

  it('leaves pairs alone of which the recipe repairs a layer otherwise, and is the same file each time', async () => {
    const wanted = await exported(NORM, { ...INTEGERS, repair, layerRepair: { q: 'off' } });
    const plain = await exported(NORM, INTEGERS);
    expect(wanted.report.repairs).toEqual([]);
    expect(readFileSync(wanted.output)).toEqual(readFileSync(plain.output));
    const [first, second] = [1, 2].map(() => exported(NORM, { ...INTEGERS, repair }));
    const files = [(await first!).output, (await second!).output];
    expect(readFileSync(files[0]!)).toEqual(readFileSync(files[1]!));
    expect([...readModel(files[0]!).layers.keys()]).toHaveLength(2);
  });
});

function sqnrOf({ verification, integers }: ExportReport) {
  return (integers?.exactOutputs ?? verification!.outputs)[0]!.sqnrDb!;
}
