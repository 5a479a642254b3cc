import { Check } from 'typebox/schema';
import type { TSchema } from 'typebox/type';
import type { Sentence } from './said';

/** A fault in a recipe: where (keys from the root) and what. */
export interface RecipeProblem {
  readonly path: readonly string[];
  readonly message: string;
  /** A field that there is not; all else can be understood without it. */
  readonly unknown?: true;
}

/** The keywords of our schemas that say where to look further. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly sentence?: Sentence;
  readonly noField?: (key: string) => string;
}

/** Everything in a JSON value that a schema does not allow, in the schema's own sentences (`said`). */
export function findProblems(schema: TSchema, value: unknown): RecipeProblem[] {
  return problemsOf(schema as Node, value, []);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(node: Node, value: unknown, path: readonly string[]): RecipeProblem[] {
  if (isRecord(value)) {
    // Of alternatives, at most one is an object, and that is meant.
    const inner = node.anyOf?.find(isObject) ?? node;
    if (inner.properties) return ofObject(inner, inner.properties, value, path);
    if (inner.patternProperties) {
      const [each] = Object.values(inner.patternProperties);
      return Object.entries(value).flatMap(([key, entry]) => problemsOf(each!, entry, [...path, key]));
    }
  }
  if (Check(node as TSchema, value)) return [];
  return [{ path, message: node.sentence!(value) }];
}

function isObject({ properties, patternProperties }: Node): boolean {
  return properties !== undefined || patternProperties !== undefined;
}

function ofObject(
  { required, noField }: Node,
  properties: Readonly<Record<string, Node>>,
  value: Record<string, unknown>,
  path: readonly string[],
): RecipeProblem[] {
  const unknown = Object.keys(value)
    .filter((key) => !Object.hasOwn(properties, key))
    .map((key) => ({ path: [...path, key], message: noField!(key), unknown: true as const }));
  const wrong = Object.entries(properties).flatMap(([key, node]) => {
    const field = Object.hasOwn(value, key) ? value[key] : undefined;
    // Null is what is not said.
    if (field == null && !required?.includes(key)) return [];
    return problemsOf(node, field, [...path, key]);
  });
  return [...unknown, ...wrong];
}
