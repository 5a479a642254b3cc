/** Exports of models whose outputs cannot simply be subtracted from each other. */
import { create } from '@bufbuild/protobuf';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ValueInfoProtoSchema,
  type ModelProto,
} from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../../../src/core/report/reportMarkdown';
import { bytesOf, DataType, floats, model, node, value } from '../../../fixtures/onnx/builder';
import { DEFAULT_IMAGE, type CalibrationData } from '../../../../src/core/recipe/calibration';
import { Exporter } from '../export/exporter';
import { bytesOf as arrayBytes, npy } from '../data/readers/npy';

const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => exporter.remove());

const SAMPLES = 20;

/** Writes a model, and samples for its input. */
function save(name: string, proto: ModelProto): { path: string; data: CalibrationData } {
  const path = join(exporter.folder, `${name}.onnx`);
  writeFileSync(path, bytesOf(proto));
  const values = Float32Array.from({ length: SAMPLES * 8 }, (_, i) => Math.sin(3 * i));
  writeFileSync(join(exporter.folder, `${name}.npy`), npy('<f4', [SAMPLES, 8], arrayBytes(values)));
  return { path, data: { data: `${name}.npy`, samples: 100, image: DEFAULT_IMAGE, labels: null } };
}

const weight = floats('w', [8, 8]);
const x = value('x', ['batch', 8]);

/** s = x w, and the indices of its elements above zero. */
const nonZero = model({
  nodes: [
    node('MatMul', ['x', 'w'], 's', {}, 'layer'),
    node('Greater', ['s', 'zero'], 'above'),
    node('NonZero', ['above'], 'indices'),
  ],
  inputs: [x],
  outputs: [value('indices', [2, 'K'], DataType.INT64), value('s', ['batch', 8])],
  initializers: [weight, floats('zero', [], [0])],
});

const mapOf = (name: string) =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'sequenceType',
        value: {
          elemType: {
            value: {
              case: 'mapType',
              value: {
                keyType: DataType.INT64,
                valueType: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT } } },
              },
            },
          },
        },
      },
    },
  });

/** Probabilities of classes as scikit-learn's converter gives them, in maps. @param label whether the class's name is an output as well */
function classifier(label: boolean) {
  const names = create(AttributeProtoSchema, {
    name: 'classes_strings',
    type: AttributeProto_AttributeType.STRINGS,
    strings: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => new TextEncoder().encode(name)),
  });
  const encoder = node('ai.onnx.ml:LabelEncoder', ['class'], 'label');
  encoder.attribute.push(names);
  return model(
    {
      nodes: [
        node('MatMul', ['x', 'w'], 's', {}, 'layer'),
        node('ArgMax', ['s'], 'class', { axis: 1, keepdims: 0 }),
        ...(label ? [encoder] : []),
        node('ai.onnx.ml:ZipMap', ['s'], 'maps', { classlabels_int64s: [0, 1, 2, 3, 4, 5, 6, 7] }),
      ],
      inputs: [x],
      outputs: [...(label ? [value('label', ['batch'], DataType.STRING)] : []), mapOf('maps')],
      initializers: [weight],
    },
    { domains: ['ai.onnx.ml'] },
  );
}

describe('an export whose outputs have a size that depends on the data', () => {
  it('is compared where sizes agree, which is said', async () => {
    const { path, data } = save('nonZero', nonZero);
    const { report } = await exporter.export(path, { default: 'int2', calibration: data });
    const [indices, s] = report.verification!.outputs;
    expect(report.verification!.samples).toBe(SAMPLES);
    expect(indices!.compared + indices!.otherSize).toBe(SAMPLES);
    expect(indices!.otherSize).toBeGreaterThan(0);
    expect(s).toMatchObject({ compared: SAMPLES, otherSize: 0 });
    expect(reportMarkdown(report)).toContain(`of ${SAMPLES} samples; on ${indices!.otherSize} its size`);
  });

  it('has integer activations', async () => {
    const { path, data } = save('nonZeroIntegers', nonZero);
    const { report } = await exporter.export(path, { activations: 'uint8', calibration: data });
    expect(report.integers!.nodes).toBe(1);
    expect(report.verification!.outputs.map(({ name }) => name)).toEqual(['indices', 's']);
  });
});

describe('an export whose outputs are no tensors', () => {
  it.each([null, 'uint8'] as const)('is compared by the others, activations %s', async (activations) => {
    const { path, data } = save(`label${activations}`, classifier(true));
    const { report } = await exporter.export(path, { activations, calibration: data });
    const { outputs, otherOutputs } = report.verification!;
    expect(outputs).toMatchObject([{ name: 'label', text: true, compared: activations ? 4 : SAMPLES }]);
    expect(outputs[0]!.top1Agreement).toBeGreaterThan(0.5);
    expect(otherOutputs).toEqual(['maps']);
    expect(reportMarkdown(report)).toContain('only tensors are: "maps"');
  });

  it('is written without a comparison if there are no others', async () => {
    const { path, data } = save('maps', classifier(false));
    const { report } = await exporter.export(path, { calibration: data });
    expect(report.verification).toBeNull();
    expect(report.notes.join()).toContain('Nothing was compared');
  });

  it('computes in integers even so', async () => {
    const { path, data } = save('mapsIntegers', classifier(false));
    const { report, count } = await exporter.export(path, { activations: 'uint8', calibration: data });
    expect(report.verification).toBeNull();
    expect(count('QuantizeLinear')).toBeGreaterThan(0);
  });
});
