import { encode } from 'fast-png';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeData } from '../../../../src/engine/data/describeData';
import type { OpenModel } from '../../../../src/engine/models/OpenModels';
import { DEFAULT_IMAGE, type CalibrationData } from '../../../../src/core/recipe/calibration';
import type { ValueSummary } from '../../../../src/core/model/model';
import { bytesOf, npy } from './readers/npy';

const folder = mkdtempSync(join(tmpdir(), 'quantscope data-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The part of a model that is read here. */
const model = (inputs: readonly ValueSummary[]) => ({ inspection: { model: { inputs } } }) as OpenModel;
const input = (name: string, shape: ValueSummary['shape']) => ({ name, elementType: 'float32', shape });
const data = (of: CalibrationData['data'], labels: string | null = null): CalibrationData => ({
  data: of,
  samples: 100,
  image: DEFAULT_IMAGE,
  labels,
});
let pauses = 0;
const look = (inputs: readonly ValueSummary[], calibration: CalibrationData) => {
  pauses = 0;
  return describeData(model(inputs), join(folder, 'm.onnx'), calibration, () => {
    pauses++;
    return Promise.resolve();
  });
};
const picture = (width: number, height: number) =>
  encode({ width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(200) });

describe('data', () => {
  it('in pictures are counted, with their shapes, labels and thumbnails', async () => {
    for (const [i, name] of ['3', '8'].entries()) {
      mkdirSync(join(folder, 'pictures', name), { recursive: true });
      for (let k = 0; k < 4; k++)
        writeFileSync(join(folder, 'pictures', name, `${k}.png`), picture(80, 20 + 60 * i));
    }
    const found = await look([input('x', [1, 3, null, null])], data('pictures', 'folders'));
    expect(found).toMatchObject({
      ...{ samples: 8, observed: 7, heldOut: 1 },
      labels: { labelled: 8, classes: 2 },
      notes: [],
    });
    const shapes = [20, 80].map((rows) => ({ shape: [1, 3, rows, 80], samples: 4 }));
    expect(found.inputs).toEqual([{ name: 'x', shapes, misfits: null, read: 8 }]);
    // At most 40 rows and 160 columns, and none larger than it is.
    expect(found.thumbnails.map(({ file, width, height }) => [file, width, height])).toEqual([
      ['0.png', 80, 20],
      ['1.png', 80, 20],
      ['2.png', 80, 20],
      ['0.png', 40, 40],
      ['1.png', 40, 40],
      ['2.png', 40, 40],
    ]);
    for (const { width, height, rgba } of found.thumbnails) {
      expect(rgba).toHaveLength(4 * width * height);
      expect([...rgba.subarray(0, 4)]).toEqual([200, 200, 200, 255]);
    }
    // Before each sample and each thumbnail.
    expect(pauses).toBe(8 + 6);
  });

  it('that do not fit are said of', async () => {
    mkdirSync(join(folder, 'mixed'));
    writeFileSync(join(folder, 'mixed', '0.npy'), npy('<f4', [1, 2], new Uint8Array(8)));
    writeFileSync(join(folder, 'mixed', '1.npy'), npy('<f4', [1, 3], new Uint8Array(12)));
    writeFileSync(join(folder, 'mixed', '2.png'), 'no picture');
    const { inputs, thumbnails } = await look([input('x', [1, 2])], data('mixed'));
    expect(inputs[0]).toMatchObject({ shapes: [{ shape: [1, 2], samples: 1 }], read: 3 });
    expect(inputs[0]!.misfits!.samples).toBe(2);
    expect(inputs[0]!.misfits!.problem).toMatch(/^1\.npy has the shape .* does not fit the input "x"/);
    expect(thumbnails).toEqual([]);
  });

  it('in arrays of many samples are as many, with a note where inputs have other numbers', async () => {
    const rows = (count: number) => npy('<f4', [count, 2], bytesOf(new Float32Array(2 * count)));
    writeFileSync(join(folder, 'x.npy'), rows(90));
    writeFileSync(join(folder, 'y.npy'), rows(80));
    const found = await look(
      [input('x', ['batch', 2]), input('y', ['batch', 2])],
      data({ x: 'x.npy', y: 'y.npy' }),
    );
    expect([found.samples, found.observed, found.heldOut]).toEqual([80, 64, 16]);
    expect(found.inputs.map(({ shapes, read }) => [shapes, read])).toEqual(
      Array.from({ length: 2 }, () => [[{ shape: [1, 2], samples: 64 }], 64]),
    );
    expect(found.notes).toEqual([expect.stringMatching(/90 for "x", 80 for "y".* first 80 /)]);
  });

  it('that are not there are one sentence', async () => {
    await expect(look([input('x', [1])], data('nowhere'))).rejects.toThrow(/no calibration data at nowhere/);
  });
});
