import { describe, expect, it } from 'vitest';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import type { QuantDocument } from '../../../../src/host/document/QuantDocument';
import { notices, runAction, withoutActions } from '../../../../src/host/panels/notices';
import type { ModelSession } from '../../../../src/host/session/ModelSession';

function documentOf(recipe: Partial<Recipe> = {}) {
  const edits: Recipe[] = [];
  const edit = (_: string, edited: Recipe) => edits.push(edited);
  const document = { recipe: { ...EMPTY_RECIPE, ...recipe }, conflicting: false, problem: null, edit };
  return { document: document as unknown as QuantDocument, edits };
}

function sessionOf(failures: Partial<Record<'weights' | 'outputs' | 'export', string>> = {}) {
  const calls: string[] = [];
  const layers = [{ name: 'a' }];
  const session = {
    inspection: { layers },
    layers,
    weightFailure: failures.weights ?? null,
    outputFailure: failures.outputs ?? null,
    exports: { failure: failures.export ?? null, dismiss: () => calls.push('dismiss export') },
    dismissFailures: () => calls.push('dismiss measuring'),
    analyse: () => calls.push('analyse'),
  };
  return { session: session as unknown as ModelSession, calls };
}

describe('notices', () => {
  it('are none where nothing is wrong', () => {
    expect(notices(documentOf({ layers: { a: 'int4' } }).document, sessionOf().session)).toEqual([]);
  });

  it('name a layer that is not there, and remove all that the recipe says of it', async () => {
    const unknown = { layers: { a: 'int4', b: 'int8' }, layerActivations: { c: 'float' } } as const;
    const { document, edits } = documentOf({ ...unknown, layerRepair: { d: 'off' } });
    const found = notices(document, sessionOf().session);
    expect(found.map(({ id, text }) => [id, text])).toEqual([
      ['unknown', 'The recipe does not fit this model: 3 layers are unknown, the first is "b".'],
    ]);
    await runAction(found, 'unknown', 'remove');
    expect(edits).toEqual([{ ...EMPTY_RECIPE, layers: { a: 'int4' } }]);
    expect(notices(documentOf(edits[0]).document, sessionOf().session)).toEqual([]);
    const [one] = notices(documentOf({ layers: { b: 'int8' } }).document, sessionOf().session);
    expect(one!.text).toBe('The recipe does not fit this model: The model has no layer "b".');
  });

  it('say nothing of layers while the model is not read', () => {
    const session = { ...sessionOf().session, inspection: null, layers: [] } as unknown as ModelSession;
    expect(notices(documentOf({ layers: { b: 'int8' } }).document, session)).toEqual([]);
  });

  it('tell all failures, each with its own way out', async () => {
    const { session, calls } = sessionOf({ weights: 'W.', outputs: 'O.', export: 'E.' });
    const found = notices(documentOf().document, session);
    expect(found.map(({ text }) => text)).toEqual(['W.', 'O.', 'E.']);
    await runAction(found, 'analysis', 'restart');
    await runAction(found, 'outputs', 'dismiss');
    await runAction(found, 'export', 'dismiss');
    expect(calls).toEqual(['analyse', 'dismiss measuring', 'dismiss export']);
  });

  it('have no button that is not there', async () => {
    const { session, calls } = sessionOf({ export: 'E.' });
    const found = notices(documentOf().document, session);
    await runAction(found, 'analysis', 'restart');
    await runAction(found, 'export', 'restart');
    expect(calls).toEqual([]);
  });

  it('go to the webview as plain values', () => {
    const found = notices(documentOf().document, sessionOf({ export: 'E.' }).session);
    expect(structuredClone(withoutActions(found))).toEqual([
      { id: 'export', severity: 'error', text: 'E.', actions: [{ id: 'dismiss', label: 'Dismiss' }] },
    ]);
  });
});
