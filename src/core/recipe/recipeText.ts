/** The text of recipes: JSON, in which comments and a comma behind the last of a list are allowed. */
import {
  applyEdits,
  modify,
  parseTree,
  printParseErrorCode,
  type Edit,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { isRecord, type RecipeProblem } from './findProblems';
import { EMPTY_RECIPE, type Recipe } from './recipe';
import { readRecipe } from './readRecipe';
import { RECIPE_VERSION } from './recipeSchema';

/** A text as it was understood. */
export interface ReadText {
  readonly recipe: Recipe;
  readonly problems: readonly RecipeProblem[];
  /** Its syntax tree; null if it is no JSON. */
  readonly root: Node | null;
}

/** Reads a recipe's text; one that is no JSON is an empty recipe with one problem. */
export function readRecipeText(text: string): ReadText {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
    if (root && errors.length === 0) return { ...readRecipe(valueOf(root)), root };
  } catch (error) {
    // Brackets within brackets without end.
    if (!(error instanceof RangeError)) throw error;
  }
  const { offset, error } = errors[0] ?? { offset: 0, error: undefined };
  const line = text.slice(0, offset).split('\n').length;
  const what = error === undefined ? '' : `, ${printParseErrorCode(error)}`;
  const message = `It is not valid JSON: line ${line}${what}.`;
  return { recipe: EMPTY_RECIPE, problems: [{ path: [], message }], root: null };
}

/** More changes than this in one object, and it is written anew. */
const MAX_EDITS = 64;
/** Of a comment, no more is looked at. */
const MAX_COMMENT = 1000;

/**
 * The text of `recipe`. Where `previous` was written by hand, with comments, `$schema` or another order, it is edited where it
 * says something else, and all other text stays.
 */
export function recipeText(recipe: Recipe, previous: string | null): string {
  const plain = formatRecipe(recipe);
  if (previous === null) return plain;
  const { recipe: before, problems, root } = readRecipeText(previous);
  if (
    root?.type !== 'object' ||
    problems.some(({ unknown }) => !unknown) ||
    formatRecipe(before) === previous
  )
    return plain;
  const wanted = JSON.parse(plain) as Fields;
  const current = valueOf(root) as Fields;
  keepSpelling(wanted, current, recipe, before);
  if (Object.hasOwn(current, '$schema')) wanted['$schema'] = current['$schema'];
  const text = updated(previous, [], current, wanted);
  // Of a key that is there twice, the first is edited and the last counts.
  return formatRecipe(readRecipeText(text).recipe) === plain ? text : plain;
}

/** Leaves a field, or an entry by name, as it is written or absent where it means the same. */
function keepSpelling(wanted: Fields, current: Fields, after: object, before: object): void {
  for (const [key, value] of Object.entries(after)) {
    const [written, meant] = [own(current, key), own(before as Fields, key)];
    const inner = own(wanted, key);
    if (same(value, meant)) define(wanted, key, written);
    else if (key !== 'calibration' && isRecord(written) && isRecord(inner) && isRecord(meant))
      keepSpelling(inner, written, value as object, meant);
  }
}

function updated(text: string, path: readonly string[], current: Fields, wanted: Fields): string {
  const keys = [...new Set([...Object.keys(current), ...Object.keys(wanted)])];
  const changed = keys.filter((key) => !same(own(current, key), own(wanted, key)));
  if (changed.length > MAX_EDITS) return set(text, path, wanted);
  return changed.reduce((edited, key) => {
    const [from, to] = [own(current, key), own(wanted, key)];
    const both = isRecord(from) && isRecord(to);
    return both ? updated(edited, [...path, key], from, to) : set(edited, [...path, key], to);
  }, text);
}

/** Sets the value at a path, or with `undefined` removes it. Layers come in the order of their names. */
function set(text: string, path: readonly string[], value: unknown): string {
  const name = path.at(-1)!;
  const inOrder = (names: string[]) => {
    const index = names.findIndex((other) => other > name);
    return index < 0 ? names.length : index;
  };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const options = path.length > 1 ? { getInsertionIndex: inOrder } : {};
  const [edit] = modify(text, [...path], value, options);
  const behind = edit && behindComment(text, edit, eol);
  if (behind) return applyEdits(text, [behind]);
  const formattingOptions = { tabSize: 2, insertSpaces: true, eol };
  return applyEdits(text, modify(text, [...path], value, { ...options, formattingOptions }));
}

/** The end of the comment on a value's line, behind which new text goes, as the comment is about that value; null if there is none. */
function behindComment(text: string, { offset, length, content }: Edit, eol: string): Edit | null {
  if (length > 0 || !content.startsWith(',')) return null;
  const [line, comma, comment] =
    /^(,?)([ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/))/.exec(text.slice(offset, offset + MAX_COMMENT)) ?? [];
  if (line === undefined) return null;
  const [indent] = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))!;
  return { offset, length: line.length, content: `,${comment}${eol}${indent}${content.slice(1)}${comma}` };
}

type Fields = Record<string, unknown>;

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** Sets a field of any name, such as `__proto__`. */
function define(fields: Fields, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A JSON value with own properties only, whatever the keys are called. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return node.children?.map(valueOf) ?? [];
  if (node.type !== 'object') return node.value;
  const entries = (node.children ?? []).filter((property) => property.children?.length === 2);
  return Object.fromEntries(entries.map(({ children }) => [children![0]!.value, valueOf(children![1]!)]));
}

/** The recipe as text: stable order, one layer a line, so that it diffs well. */
export function formatRecipe(recipe: Recipe): string {
  const { default: scheme, shapes, opset, activations, layerActivations, calibration } = recipe;
  const { repair, layerRepair } = recipe;
  // Short arrays stay on one line: a shape is one thing.
  const shapeLines = sorted(shapes).map(
    ([name, shape]) => `    ${JSON.stringify(name)}: ${JSON.stringify(shape).replaceAll(',', ', ')}`,
  );
  const entryLines = (entries: Readonly<Record<string, string>>) =>
    sorted(entries).map(([name, id]) => `    ${JSON.stringify(name)}: ${JSON.stringify(id)}`);
  const block = (lines: string[]) => (lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`);
  const fields = [
    `  "version": ${RECIPE_VERSION}`,
    `  "default": ${JSON.stringify(scheme)}`,
    `  "layers": ${block(entryLines(recipe.layers))}`,
  ];
  if (opset !== EMPTY_RECIPE.opset) fields.push(`  "opset": ${JSON.stringify(opset)}`);
  if (recipe.format !== EMPTY_RECIPE.format) fields.push(`  "format": ${JSON.stringify(recipe.format)}`);
  if (recipe.cpu !== EMPTY_RECIPE.cpu) fields.push(`  "cpu": ${JSON.stringify(recipe.cpu)}`);
  if (recipe.products !== EMPTY_RECIPE.products)
    fields.push(`  "products": ${JSON.stringify(recipe.products)}`);
  if (activations !== null) fields.push(`  "activations": ${JSON.stringify(activations)}`);
  if (Object.keys(layerActivations).length > 0)
    fields.push(`  "layerActivations": ${block(entryLines(layerActivations))}`);
  if (repair !== EMPTY_RECIPE.repair) fields.push(`  "repair": ${JSON.stringify(repair)}`);
  if (Object.keys(layerRepair).length > 0) fields.push(`  "layerRepair": ${block(entryLines(layerRepair))}`);
  if (recipe.overlay !== null) fields.push(`  "overlay": ${JSON.stringify(recipe.overlay)}`);
  if (calibration !== null) {
    // Absent options are left out.
    const text = JSON.stringify(calibration, (_, value: unknown) => value ?? undefined, 2);
    fields.push(`  "calibration": ${text.replaceAll('\n', '\n  ')}`);
  }
  if (shapeLines.length > 0) fields.push(`  "shapes": ${block(shapeLines)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

function sorted<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
