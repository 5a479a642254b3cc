import type { LayerAnalysis } from '../../src/shared/measures';
import type { LayerSummary } from '../../src/shared/model';
import type { Recipe } from '../../src/shared/recipe';
import { QUANTIZING_SCHEMES, type QuantizingSchemeId, type SchemeId } from '../../src/shared/scheme';
import { effectiveScheme } from '../../src/shared/totals';

/** One layer as the grid shows it. */
export interface Row {
  readonly layer: LayerSummary;
  readonly analysis: LayerAnalysis | undefined;
  /** The scheme that the layer really gets. */
  readonly scheme: SchemeId;
  /** Whether the user chose it for this very layer. */
  readonly chosen: boolean;
  /** Why nothing can be chosen; null if something can. */
  readonly fixed: string | null;
  /** Share of the source's bytes, 0 to 1. */
  readonly share: number;
  /** Bits per weight and weight SQNR under the scheme; undefined until analysed. `sqnrDb` null: exact. */
  readonly bits: number | undefined;
  readonly sqnrDb: number | null | undefined;
}

export function toRow(
  layer: LayerSummary,
  recipe: Recipe,
  analysis: LayerAnalysis | undefined,
  modelBytes: number,
): Row {
  const scheme = effectiveScheme(layer, recipe, analysis);
  const error = scheme === 'float' ? undefined : analysis?.schemes[scheme];
  return {
    layer,
    analysis,
    scheme,
    chosen: Object.hasOwn(recipe.layers, layer.name),
    fixed: layer.quantized ? `Quantized already: ${layer.quantized}` : (analysis?.problem ?? null),
    share: layer.bytes / Math.max(1, modelBytes),
    bits: scheme === 'float' ? (8 * layer.bytes) / Math.max(1, layer.parameters) : error?.bitsPerWeight,
    sqnrDb: scheme === 'float' ? null : error?.sqnrDb,
  };
}

/** What a column sorts by. */
const KEYS: Readonly<Record<string, (row: Row) => string | number>> = {
  name: ({ layer }) => layer.name,
  op: ({ layer }) => layer.op,
  shape: ({ layer }) => layer.shape.length,
  parameters: ({ layer }) => layer.parameters,
  share: ({ share }) => share,
  scheme: ({ scheme }) => scheme,
  bits: ({ bits }) => bits ?? Infinity,
  sqnr: ({ sqnrDb }) => decibels(sqnrDb),
  ...Object.fromEntries(
    QUANTIZING_SCHEMES.map((id: QuantizingSchemeId) => [
      id,
      (row: Row) => decibels(row.analysis?.schemes[id]?.sqnrDb),
    ]),
  ),
};

/** Rows in the order of a column, ties in graph order; without a sort all in graph order. */
export function sortRows(
  rows: readonly Row[],
  sort: { column: string; descending: boolean } | null,
): readonly Row[] {
  const key = sort && Object.hasOwn(KEYS, sort.column) ? KEYS[sort.column] : undefined;
  if (!sort || !key) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(key(a), key(b)));
}

/** Rows whose name, operator, weight, scheme or scope hold every word of `filter`. */
export function filterRows(rows: readonly Row[], filter: string): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ layer, scheme }) => {
    const text = [layer.name, layer.op, layer.weight, layer.scope, scheme].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** No error at all stands above every number; what is not known yet, at the end. */
function decibels(sqnrDb: number | null | undefined): number {
  if (sqnrDb === undefined) return Infinity;
  return sqnrDb ?? Number.MAX_VALUE;
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'string') return a.localeCompare(String(b), 'en', { numeric: true });
  return a === b ? 0 : a < Number(b) ? -1 : 1;
}
