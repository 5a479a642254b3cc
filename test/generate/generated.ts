/** Files and parts of files that are made from the families of schemes and the schema of recipes. */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { ALL_SCHEMES } from '../../src/core/scheme/schemeLists';
import { schemePattern } from '../../src/core/scheme/schemePattern';
import { recipeJsonSchema } from './recipeJsonSchema';
import { readmeTables } from './readmeTables';

const SETTING = 'quantscope.recipe.defaultScheme';
const SCHEMES = ['float', ...ALL_SCHEMES];

/** How each file that holds something generated is made from what it is. */
const FILES: Readonly<Record<string, (text: string) => string>> = {
  'media/recipe.schema.json': recipeJsonSchema,
  'package.json': (text) => {
    const manifest = JSON.parse(text) as {
      contributes: { configuration: { properties: Record<string, object> } };
    };
    Object.assign(manifest.contributes.configuration.properties[SETTING]!, {
      pattern: schemePattern(),
      examples: SCHEMES,
    });
    return JSON.stringify(manifest, null, 2);
  },
  'README.md': (text) =>
    text.replace(
      /(<!-- schemes: npm run generate -->\n).*(\n<!-- end of schemes -->)/s,
      (_, start: string, end: string) => `${start}\n${readmeTables()}${end}`,
    ),
};

/** Each file as it is, and as it should be. */
export function generated(): Promise<{ path: string; text: string; fresh: string }[]> {
  return Promise.all(
    Object.entries(FILES).map(async ([path, make]) => {
      const text = await readFile(path, 'utf8');
      const fresh = await format(make(text), { ...(await resolveConfig(path)), filepath: path });
      return { path, text, fresh };
    }),
  );
}
