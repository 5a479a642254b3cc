import { beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_RECIPE, type Recipe } from '../../../../src/core/recipe/recipe';
import type { QuantDocument } from '../../../../src/host/document/QuantDocument';
import { intents } from '../../../../src/host/panels/intents';
import type { ModelSession } from '../../../../src/host/session/ModelSession';
import type { ErrorsShown } from '../../../../src/protocol/editorApi';
import { user, workspace } from '../../../fixtures/vscode';

/** What the user picks when asked for data. */
let named: 'synthetic' | undefined;
let asked: number;
let measured: ErrorsShown[];
let document: { recipe: Recipe; edit(label: string, recipe: Recipe): void };
let handlers: ReturnType<typeof intents>;
const owner = {};
const context = { signal: new AbortController().signal, progress: () => undefined as never };
const errors = (level: ErrorsShown['level']) => ({
  level,
  schemes: ['int8'],
  repaired: false,
  others: false,
});

beforeEach(() => {
  [named, asked, measured] = ['synthetic', 0, []];
  user.read = [];
  user.pick = () => (asked++, named);
  workspace.isTrusted = true;
  document = {
    recipe: EMPTY_RECIPE,
    edit: (_, recipe) => {
      document.recipe = recipe;
    },
  };
  const session = {
    inspection: null,
    showErrors: (by: object, what: ErrorsShown) => {
      expect(by).toBe(owner);
      measured.push(what);
    },
    cancelErrors: () => undefined,
  };
  handlers = intents(
    document as unknown as QuantDocument,
    session as unknown as ModelSession,
    owner,
    () => undefined,
  );
});

describe('errors that are shown', () => {
  it('need no data at the weights', async () => {
    expect(await handlers.showErrors(errors('weights'), context)).toBe(true);
    expect([asked, measured]).toEqual([0, [errors('weights')]]);
  });

  it('at outputs ask for data once, and measure the weights meanwhile', async () => {
    const answer = handlers.showErrors(errors('model'), context);
    expect(measured).toEqual([errors('weights')]);
    expect(await answer).toBe(true);
    expect(measured).toEqual([errors('weights'), errors('model')]);
    await handlers.showErrors(errors('layer'), context);
    expect(asked).toBe(1);
  });

  it('at outputs are not measured without data', async () => {
    named = undefined;
    expect(await handlers.showErrors(errors('layer'), context)).toBe(false);
    expect(measured).toEqual([errors('weights')]);
  });

  it('at outputs are not measured where the model may not be run, and the user is told', async () => {
    workspace.isTrusted = false;
    expect(await handlers.showErrors(errors('layer'), context)).toBe(false);
    expect([asked, measured]).toEqual([0, [errors('weights')]]);
    expect(user.read[0]).toMatch(/only a trusted workspace/);
  });

  it('are of schemes only', async () => {
    await expect(handlers.showErrors({ ...errors('weights'), schemes: ['x'] }, context)).rejects.toThrow();
    expect(measured).toEqual([]);
  });
});

describe('intents without an answer', () => {
  it('answer null when they are carried out', async () => {
    expect(await handlers.chooseDefault({ scheme: 'int4' }, context)).toBeNull();
    expect(document.recipe.default).toBe('int4');
    expect(await handlers.cancelErrors({ level: 'weights' }, context)).toBeNull();
  });

  it('carry out nothing with what is no scheme or range', async () => {
    await expect(handlers.chooseDefault({ scheme: 'x' }, context)).rejects.toThrow('no scheme');
    await expect(handlers.chooseScheme({ layers: ['a'], scheme: 'x' }, context)).rejects.toThrow();
    const range = { layers: ['a'], choice: 'x' as never };
    await expect(handlers.chooseActivations(range, context)).rejects.toThrow('no range');
    expect(document.recipe).toBe(EMPTY_RECIPE);
  });
});
