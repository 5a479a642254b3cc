import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeScheme } from '../../../../src/core/scheme/describeScheme';
import { canonicalScheme } from '../../../../src/core/scheme/scheme';
import {
  ALL_SCHEMES,
  COMMON_SCHEMES,
  LOW_BIT_SCHEMES,
  SCHEME_PRESETS,
  inOrder,
  readSchemes,
} from '../../../../src/core/scheme/schemeLists';
import { reachable } from './reachableSchemes';

const ids = ['float', ...ALL_SCHEMES];

describe('presets', () => {
  it('hold canonical texts, each once', () => {
    for (const list of Object.values(SCHEME_PRESETS)) {
      expect(list.map(canonicalScheme)).toEqual(list);
      expect(new Set(list).size).toBe(list.length);
    }
  });

  it('read by their names, and any scheme beside them', () => {
    expect(readSchemes('common')).toEqual(COMMON_SCHEMES);
    expect(readSchemes('low-bit, int5/mse/block64')).toEqual([...LOW_BIT_SCHEMES, 'int5/block64/mse']);
    expect(readSchemes('int8/channel,int8')).toEqual(['int8']);
  });

  it.each([
    ['int9', '"int9" is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.'],
    ['', '"" is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.'],
    ['constructor', '"constructor" is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.'],
    ['int8,float', 'float leaves the weights as they are, so it has no error to show.'],
  ])('%j is refused in one sentence', (list, sentence) => {
    expect(readSchemes(list)).toBe(sentence);
  });

  it('come in one order, what is the user own at the end', () => {
    expect(inOrder(['int5/block64', 'int4', 'int16', 'int4'])).toEqual(['int16', 'int4', 'int5/block64']);
  });
});

describe('schemes in JSON schema and settings', () => {
  interface SchemeSchema {
    pattern: string;
    examples: string[];
    defaultSnippets: { label: string; description: string; body: string }[];
  }
  const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  const { scheme } = (json('media/recipe.schema.json') as { definitions: { scheme: SchemeSchema } })
    .definitions;
  const manifest = json('package.json') as {
    contributes: { configuration: { properties: Record<string, SchemeSchema> } };
  };
  const setting = manifest.contributes.configuration.properties['quantscope.recipe.defaultScheme']!;

  it('are proposed with their descriptions', () => {
    expect(scheme.examples).toEqual(ids);
    expect(scheme.defaultSnippets).toEqual(
      ids.map((id) => ({ label: `"${id}"`, description: describeScheme(id), body: id })),
    );
    expect(setting.examples).toEqual(ids);
    expect(setting.pattern).toBe(scheme.pattern);
  });

  it('are let through, whichever can be chosen, and nothing else', () => {
    const pattern = new RegExp(scheme.pattern, 'u');
    for (const id of [...ids, ...reachable()]) expect(id).toMatch(pattern);
    const wrong = [
      'int9',
      'int1',
      'int8/',
      '/int8',
      'int8/block8',
      'int8/block257',
      'nf4/sym',
      'mxfp4/tensor',
    ];
    wrong.push(
      'codebook4/block32',
      'vq2x257',
      'vq9x2',
      'int8 ',
      'float/mse',
      'dorefa9',
      'int8/p49',
      'INT8',
      '',
    );
    for (const text of wrong) {
      expect(canonicalScheme(text)).toBeNull();
      expect(text).not.toMatch(pattern);
    }
  });
});
