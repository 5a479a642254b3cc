import { describe, expect, it } from 'vitest';
import { totals } from '../../../../src/core/measure/totals';
import { EMPTY_RECIPE, withScheme } from '../../../../src/core/recipe/recipe';
import { analysis, inspection, layer } from '../../webview/features/grid/sampleRows';

const LAYERS = ['a', 'b', 'c'].map((name) => layer(name));
const of = (analyses: ReturnType<typeof analysis>[], recipe = EMPTY_RECIPE, layers = LAYERS) =>
  totals(inspection(layers), recipe, new Map(analyses.map((each) => [each.layer, { weights: each }])));

describe('totals of a recipe', () => {
  it('have a size once every chosen layer is measured', () => {
    const [a, b, c] = LAYERS.map(({ name }) => analysis(name, { int8: 30 }));
    expect(of([a!, b!])).toMatchObject({ sourceBytes: 1200, exportBytes: null, quantizedLayers: 3 });
    // 400 bytes become 100, and the nodes that unpack them take 300.
    expect(of([a!, b!, c!])).toMatchObject({ exportBytes: 1200, quantizableLayers: 3 });
    const float = withScheme(EMPTY_RECIPE, ['b', 'c'], 'float');
    expect(of([a!], float)).toMatchObject({ exportBytes: 1200, quantizedLayers: 1 });
  });

  it('name the layer that suffers most: a broken one before all, an exact one never', () => {
    const measured = (...figures: Parameters<typeof analysis>[1]['int8'][]) =>
      of(figures.map((db, i) => analysis(LAYERS[i]!.name, { int8: db }))).worst;
    expect(measured(30, 20, 'exact')).toEqual({ name: 'b', scheme: 'int8', sqnrDb: 20 });
    expect(measured(30, 20, 'broken')).toEqual({ name: 'c', scheme: 'int8', sqnrDb: 'broken' });
    expect(measured('exact', 'exact', 'exact')).toBeNull();
  });

  it('leave out what is quantized already, and what cannot be', () => {
    const layers = [layer('a', { quantized: 'int8' }), layer('b'), layer('c')];
    const problem = analysis('b', {}, 'Not a number.');
    expect(of([problem, analysis('c', { int8: 30 })], EMPTY_RECIPE, layers)).toMatchObject({
      quantizedLayers: 1,
      quantizableLayers: 2,
      exportBytes: 1200,
      worst: { name: 'c' },
    });
  });
});
