import { describe, expect, it } from 'vitest';
import { EMPTY_RECIPE, withScheme } from '../../../../../src/core/recipe/recipe';
import {
  ACTIVATIONS,
  LEAVE_ONE_OUT,
  repairedVariant,
  type LayerMeasurement,
  type ModelMeasurement,
  type Level,
} from '../../../../../src/core/measure/Measurement';
import type { Decibels } from '../../../../../src/core/measure/Decibels';
import type { ModelOutputError } from '../../../../../src/core/measure/errors';
import { gainOf, leaveOneOutSentence, whyNotLeft } from '../../../../../webview/features/grid/leaveOneOut';
import { filterRows, nextSort, sortRows, toRows } from '../../../../../webview/features/grid/rows';
import { analysis, inspection, layer, NO_ERRORS, rows } from './sampleRows';

const names = (list: readonly { layer: { name: string } }[]) => list.map((row) => row.layer.name);
const everything = { filter: '', op: '', onlyQuantizable: false };

describe('toRows', () => {
  it('shows the scheme that a layer gets, and whether it is its own', () => {
    const recipe = withScheme(EMPTY_RECIPE, ['b'], 'int4');
    const [a, b] = rows([layer('a'), layer('b')], [], recipe);
    expect([a!.scheme, a!.chosen]).toEqual(['int8', false]);
    expect([b!.scheme, b!.chosen]).toEqual(['int4', true]);
  });

  it('says why nothing can be chosen', () => {
    const layers = [layer('a', { quantized: 'MatMulNBits' }), layer('b')];
    const [a, b] = rows(layers, [analysis('b', {}, 'Not a number.')]);
    expect(a!.fixed).toBe('Quantized already: MatMulNBits');
    expect(b!.fixed).toBe('Not a number.');
    expect([a!.scheme, b!.scheme]).toEqual(['float', 'float']);
  });

  it('keeps the rows that are as they were', () => {
    const model = inspection([layer('a'), layer('b')]);
    const before = toRows(model, EMPTY_RECIPE, NO_ERRORS);
    const after = toRows(model, withScheme(EMPTY_RECIPE, ['b'], 'log4'), NO_ERRORS, before);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it('shows the errors of the level that is looked at', () => {
    const model = inspection([layer('a')]);
    const weights = analysis('a', { int8: 40 });
    const own: LayerMeasurement = {
      level: 'layer',
      layer: 'a',
      errors: { int8: { sqnrDb: 33, exact: true } },
      inputs: 'data',
      problem: null,
    };
    const measured = new Map([['a', { weights, layer: own }]]);
    const heat = (level: Level) =>
      toRows(model, EMPTY_RECIPE, { ...NO_ERRORS, measured, level })[0]!.heat?.['int8']?.sqnrDb;
    expect([heat('weights'), heat('layer'), heat('model')]).toEqual([40, 33, undefined]);
    const [row] = toRows(model, EMPTY_RECIPE, {
      ...NO_ERRORS,
      measured: new Map([['a', { weights, layer: { ...own, errors: {}, problem: 'Why.' } }]]),
      level: 'layer',
    });
    expect(row!.heatProblem).toBe('Why.');
    expect(row!.sqnrDb).toBe(40);
  });

  it('at outputs are those of repaired weights where these are looked at', () => {
    const model = inspection([layer('a')]);
    const weights = analysis('a', { int8: 40 });
    const error = (sqnrDb: number) => ({ sqnrDb, exact: true });
    const own: LayerMeasurement = {
      ...{ level: 'layer', layer: 'a', inputs: 'data', problem: null },
      errors: { int8: error(33), [repairedVariant('int8')]: error(41), [ACTIVATIONS]: error(20) },
    };
    const measured = new Map([['a', { weights, layer: own }]]);
    const heat = (level: Level) =>
      toRows(model, EMPTY_RECIPE, { ...NO_ERRORS, measured, level, repaired: true })[0]!.heat;
    expect(heat('layer')).toEqual({ int8: error(41), [ACTIVATIONS]: error(20) });
    expect(heat('weights')?.['int8']?.sqnrDb).toBe(40);
  });

  it('takes no name for more than a name', () => {
    const [row] = rows([layer('__proto__')]);
    expect(row!.chosen).toBe(false);
  });
});

describe('sortRows', () => {
  const list = rows(
    ['c10', 'c9', 'b', 'a'].map((name, i) => layer(name, { parameters: i })),
    [analysis('c10', { int8: 40 }), analysis('c9', { int8: 'exact' }), analysis('b', { int8: 20 })],
  );

  it('leaves the order of the graph without a column, or with an unknown one', () => {
    expect(sortRows(list, null)).toBe(list);
    expect(sortRows(list, { column: 'constructor', descending: false })).toBe(list);
  });

  it('sorts names as people count', () => {
    expect(names(sortRows(list, { column: 'name', descending: false }))).toEqual(['a', 'b', 'c9', 'c10']);
  });

  it('puts an exact layer above every number, and what is not known last either way', () => {
    expect(names(sortRows(list, { column: 'int8', descending: false }))).toEqual(['b', 'c10', 'c9', 'a']);
    expect(names(sortRows(list, { column: 'sqnr', descending: true }))).toEqual(['c9', 'c10', 'b', 'a']);
  });

  it('keeps the order of the graph among equals, both ways', () => {
    for (const descending of [false, true])
      expect(names(sortRows(list, { column: 'op', descending }))).toEqual(['c10', 'c9', 'b', 'a']);
  });
});

describe('a layer left in float', () => {
  const error = (sqnrDb: Decibels) => ({ sqnrDb }) as ModelOutputError;
  const shown = (left: Decibels | undefined, whole: Decibels | undefined, recipe = EMPTY_RECIPE) => {
    const errors: ModelMeasurement['errors'] = left === undefined ? {} : { [LEAVE_ONE_OUT]: error(left) };
    const model: ModelMeasurement = { level: 'model', layer: 'a', errors, inputs: 'data', problem: null };
    return toRows(inspection([layer('a')]), recipe, {
      ...NO_ERRORS,
      measured: new Map([['a', { model }]]),
      level: 'model',
      whole: whole === undefined ? null : error(whole),
    })[0]!;
  };

  it('is compared with the recipe as it is', () => {
    expect(leaveOneOutSentence(shown(31.2, 27.1))).toBe(
      'All others quantized as the recipe says, this layer in float: 31.2 dB, +4.1 dB against the recipe as it is (27.1 dB).',
    );
    expect(gainOf(shown(26, 27.1))).toBe('−1.1 dB');
    expect(gainOf(shown(27.08, 27.1))).toBe('+0.0 dB');
    expect(gainOf(shown('equal', 27.1))).toBe('no error left');
    expect(gainOf(shown(27.1, 'equal'))).toBe('all of the error');
    expect(gainOf(shown(27.1, 'broken'))).toBe('no longer broken');
    expect(gainOf(shown('broken', 'broken'))).toBe('still broken');
    expect(gainOf(shown('equal', 'equal'))).toBe('+0.0 dB');
  });

  it('says as much as is known', () => {
    expect(leaveOneOutSentence(shown(31.2, undefined))).toBe(
      'All others quantized as the recipe says, this layer in float: 31.2 dB.',
    );
    expect([shown(undefined, undefined), shown(31.2, 27.1)].map(whyNotLeft)).toEqual([null, null]);
    const float = withScheme(EMPTY_RECIPE, ['a'], 'float');
    expect(whyNotLeft(shown(undefined, undefined, float))).toBe('It is float already.');
    expect(whyNotLeft(shown(undefined, 27.1))).toBe('It could not be measured.');
  });

  it('is sorted by like any column', () => {
    const rows = [shown(20, 27.1), shown(31.2, 27.1), shown(undefined, 27.1)];
    const sorted = sortRows(rows, { column: LEAVE_ONE_OUT, descending: true });
    expect(sorted.map((row) => rows.indexOf(row))).toEqual([1, 0, 2]);
  });
});

describe('nextSort', () => {
  it('goes through both orders and back to none, the useful one first', () => {
    for (const first of ['ascending', 'descending'] as const) {
      const column = { id: 'share', first };
      const descending = first === 'descending';
      const once = nextSort(null, column);
      expect(once).toEqual({ column: 'share', descending });
      const twice = nextSort(once, column);
      expect(twice).toEqual({ column: 'share', descending: !descending });
      expect(nextSort(twice, column)).toBeNull();
    }
  });

  it('starts anew with another column', () => {
    const sort = { column: 'name', descending: false };
    expect(nextSort(sort, { id: 'bits', first: 'ascending' })).toEqual({ column: 'bits', descending: false });
  });
});

describe('filterRows', () => {
  const list = rows([
    layer('encoder.0', { op: 'MatMul' }),
    layer('encoder.1', { scope: 'If_0/then_branch' }),
    layer('decoder.0', { quantized: 'int8' }),
  ]);
  const filter = (change: Partial<typeof everything>) =>
    names(filterRows(list, { ...everything, ...change }));

  it('lets all through if nothing is asked', () => {
    expect(filterRows(list, everything)).toBe(list);
  });

  it('wants every word, anywhere, in any case', () => {
    expect(filter({ filter: ' ENCODER  0' })).toEqual(['encoder.0', 'encoder.1']);
    expect(filter({ filter: 'then_branch' })).toEqual(['encoder.1']);
    expect(filter({ filter: '.*' })).toEqual([]);
  });

  it('wants the operator', () => {
    expect(filter({ op: 'MatMul' })).toEqual(['encoder.0']);
  });

  it('leaves out what cannot be chosen for', () => {
    expect(filter({ onlyQuantizable: true })).toEqual(['encoder.0', 'encoder.1']);
  });
});
