import { RECIPE } from '../../src/core/recipe/recipeSchema';
import { describeScheme } from '../../src/core/scheme/describeScheme';
import { ALL_SCHEMES } from '../../src/core/scheme/schemeLists';
import { FORMATS, OPTIONS, shortened } from '../../src/core/scheme/schemeTable';

const SCHEMES = ['float', ...ALL_SCHEMES];

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The JSON schema of recipes, with schemes defined once and described for whoever writes one. */
export function recipeJsonSchema(): string {
  // Functions, such as sentences about a value, are left out.
  const recipe = JSON.parse(JSON.stringify(RECIPE)) as JsonSchema & {
    properties: Record<string, JsonSchema>;
  };
  const { description, ...scheme } = recipe.properties['default']!;
  const properties = {
    ...recipe.properties,
    default: { $ref: '#/definitions/scheme', description },
    layers: { ...recipe.properties['layers'], patternProperties: { all: { $ref: '#/definitions/scheme' } } },
  };
  return JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    allowComments: true,
    allowTrailingCommas: true,
    ...(plain({ ...recipe, properties }) as object),
    definitions: {
      scheme: {
        ...scheme,
        markdownDescription: describeSchemes(),
        examples: SCHEMES,
        defaultSnippets: SCHEMES.map((id) => ({
          label: `"${id}"`,
          description: describeScheme(id),
          body: id,
        })),
      },
    },
  });
}

/** Properties of any name are additional ones: a pattern for all names leaves out those with line breaks. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { patternProperties, ...rest } = schema as JsonSchema;
  const entries = Object.entries(rest).map(([key, value]) => [key, plain(value)] as const);
  const all = patternProperties === undefined ? [] : Object.values(patternProperties as object);
  return { ...Object.fromEntries(entries), ...(all[0] ? { additionalProperties: plain(all[0]) } : {}) };
}

function describeSchemes(): string {
  const code = (words: readonly string[]) =>
    words.map((word) => (word === '…' ? word : `\`${word}\``)).join(' ');
  return [
    'A format and, after slashes, what differs from its defaults, as in `int4/block32/mse`. `quantscope schemes` lists them all.\n',
    `- Format: ${FORMATS.map(({ names }) => code(shortened(names))).join(', ')}`,
    ...Object.entries(OPTIONS).map(
      ([name, { values, description }]) =>
        `- ${name[0]!.toUpperCase()}${name.slice(1)}: ${code(values)}, ${description}`,
    ),
  ].join('\n');
}
