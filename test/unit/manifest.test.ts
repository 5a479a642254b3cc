import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly filenamePatterns: readonly string[] }[];
    readonly jsonLanguageParticipants: readonly { readonly languageId: string; readonly comments: boolean }[];
    readonly jsonValidation: readonly { readonly fileMatch: string }[];
  };
}

const { activationEvents, contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

describe('the extension', () => {
  it('is started by what is its own alone: models, commands, recipes', () => {
    // Of what `contributes` names, VS Code derives the events itself.
    expect(activationEvents).toEqual([]);
    const [recipe, ...others] = contributes.languages;
    expect(others).toEqual([]);
    expect(recipe!.filenamePatterns).toEqual(contributes.jsonValidation.map(({ fileMatch }) => fileMatch));
    expect(contributes.jsonLanguageParticipants).toEqual([{ languageId: recipe!.id, comments: true }]);
  });
});
