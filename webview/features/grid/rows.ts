import { toNumber, type Decibels } from '../../../src/core/measure/Decibels';
import {
  type WeightMeasurement,
  ACTIVATIONS,
  LEAVE_ONE_OUT,
  repairedScheme,
  type Measured,
  type Measurement,
  type Level,
} from '../../../src/core/measure/Measurement';
import type { ModelOutputError } from '../../../src/core/measure/errors';
import type { Inspection, LayerSummary } from '../../../src/core/model/model';
import type { Recipe } from '../../../src/core/recipe/recipe';
import { isSchemeId, type SchemeId } from '../../../src/core/scheme/scheme';
import { effectiveScheme } from '../../../src/core/measure/totals';

/** One layer as the grid shows it. */
export interface Row {
  readonly layer: LayerSummary;
  readonly analysis: WeightMeasurement | undefined;
  /** The scheme that the layer really gets. */
  readonly scheme: SchemeId;
  /** Whether the user chose it for this very layer. */
  readonly chosen: boolean;
  /** Why nothing can be chosen; null if something can. */
  readonly fixed: string | null;
  /** Share of the source's bytes, 0 to 1. */
  readonly share: number;
  /** Bits per weight and weight SQNR under the scheme; undefined until analysed. */
  readonly bits: number | undefined;
  readonly sqnrDb: Decibels | undefined;
  /** The errors that the heatmap shows, by scheme, of the level that is looked at. */
  readonly level: Level;
  /** At outputs: whether these are of weights rounded by moments. */
  readonly repaired: boolean;
  readonly heat: Readonly<Record<string, { readonly sqnrDb: Decibels } | undefined>> | undefined;
  /** Why the heatmap has nothing to show; null if it has, or will have. */
  readonly heatProblem: string | null;
  readonly measured: Measured | undefined;
  /** The model as the whole recipe makes it, which leaving the layer in float is compared with; null if it is not measured. */
  readonly whole: ModelOutputError | null;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface Filter {
  /** Words that name, operator, weight, scope or scheme must hold. */
  readonly filter: string;
  /** The operator; empty for all. */
  readonly op: string;
  readonly onlyQuantizable: boolean;
}

/** Errors by layer, and which of them the heatmap shows. */
export interface Errors {
  readonly measured: ReadonlyMap<string, Measured>;
  readonly level: Level;
  readonly repaired: boolean;
  readonly whole: ModelOutputError | null;
}

/**
 * The rows of all layers in the order of the graph. A row whose layer is as it was is the same object as in `before`, so
 * that nothing of it is drawn again.
 */
export function toRows(
  inspection: Inspection,
  recipe: Recipe,
  { measured, level, repaired, whole }: Errors,
  before: readonly Row[] = [],
): readonly Row[] {
  const bytes = inspection.model.bytes + inspection.model.externalBytes;
  return inspection.layers.map((layer, i) => {
    const own = measured.get(layer.name);
    const scheme = effectiveScheme(layer, recipe, own?.weights);
    const chosen = Object.hasOwn(recipe.layers, layer.name);
    const old = before[i];
    const same =
      old?.layer === layer &&
      old.scheme === scheme &&
      old.chosen === chosen &&
      old.level === level &&
      old.repaired === repaired &&
      old.measured === own &&
      old.whole === whole;
    return same ? old : toRow({ layer, scheme, chosen, level, repaired, measured: own, whole }, bytes);
  });
}

function toRow(
  row: Pick<Row, 'layer' | 'scheme' | 'chosen' | 'level' | 'repaired' | 'measured' | 'whole'>,
  modelBytes: number,
): Row {
  const { layer, scheme, level, repaired, measured } = row;
  const analysis = measured?.weights;
  const error = scheme === 'float' ? undefined : analysis?.errors[scheme];
  const fixed =
    layer.quantized === null ? (analysis?.problem ?? null) : `Quantized already: ${layer.quantized}`;
  const shown = measured?.[level];
  return {
    ...row,
    analysis,
    fixed,
    share: layer.bytes / Math.max(1, modelBytes),
    bits: scheme === 'float' ? (8 * layer.bytes) / Math.max(1, layer.parameters) : error?.bitsPerWeight,
    sqnrDb: scheme === 'float' ? 'exact' : error?.sqnrDb,
    heat: fixed === null && shown ? heatOf(shown, repaired) : undefined,
    heatProblem: fixed ?? shown?.problem ?? null,
  };
}

/** The errors of a level by what the heatmap's columns are called: by scheme, repaired or not. */
function heatOf({ level, errors }: Measurement, repaired: boolean): NonNullable<Row['heat']> {
  if (!repaired || level === 'weights') return errors;
  return Object.fromEntries(
    Object.entries(errors).flatMap(([variant, error]) => {
      const scheme = isSchemeId(variant) ? null : (repairedScheme(variant) ?? variant);
      return scheme === null ? [] : [[scheme, error]];
    }),
  );
}

/** The order after a click on a column's title: its own order, the other way round, and back to the order of the graph. */
export function nextSort(
  sort: Sort | null,
  { id, first }: { readonly id: string; readonly first?: 'ascending' | 'descending' },
): Sort | null {
  const descending = first === 'descending';
  if (sort?.column !== id) return { column: id, descending };
  return sort.descending === descending ? { column: id, descending: !descending } : null;
}

/** The value that a column sorts by; undefined where it is not measured yet. */
const KEYS: Readonly<Record<string, (row: Row) => string | number | undefined>> = {
  name: ({ layer }) => layer.name,
  op: ({ layer }) => layer.op,
  shape: ({ layer }) => layer.shape.join(' '),
  parameters: ({ layer }) => layer.parameters,
  share: ({ share }) => share,
  scheme: ({ scheme }) => scheme,
  bits: ({ bits }) => bits,
  sqnr: ({ sqnrDb }) => numberOf(sqnrDb),
};

/** Beside the columns of their own, every scheme has one. */
function keyOf(column: string): ((row: Row) => string | number | undefined) | undefined {
  if (Object.hasOwn(KEYS, column)) return KEYS[column];
  return isSchemeId(column) || column === ACTIVATIONS || column === LEAVE_ONE_OUT
    ? (row) => numberOf(row.heat?.[column]?.sqnrDb)
    : undefined;
}

/** Rows in the order of a column, values not measured yet at the end, ties in graph order; unsorted without `sort`. */
export function sortRows(rows: readonly Row[], sort: Sort | null): readonly Row[] {
  const key = sort ? keyOf(sort.column) : undefined;
  if (!sort || !key) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((rowA, rowB) => {
    const [a, b] = [key(rowA), key(rowB)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return sign * compare(a, b);
  });
}

/** The rows that a filter lets through. */
export function filterRows(rows: readonly Row[], { filter, op, onlyQuantizable }: Filter): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && op === '' && !onlyQuantizable) return rows;
  return rows.filter(({ layer, scheme, fixed }) => {
    if ((op !== '' && layer.op !== op) || (onlyQuantizable && fixed !== null)) return false;
    const text = [layer.name, layer.op, layer.weight, layer.scope, scheme].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Without noise stands above every number, broken below. */
function numberOf(sqnrDb: Decibels | undefined): number | undefined {
  return sqnrDb === undefined ? undefined : toNumber(sqnrDb);
}

const NAMES = new Intl.Collator('en', { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'string') return NAMES.compare(a, String(b));
  return a === b ? 0 : a < Number(b) ? -1 : 1;
}
