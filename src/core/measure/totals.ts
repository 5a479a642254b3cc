/** Totals of a recipe: the size of the export and its worst layer. */
import { compareDb, type Decibels } from './Decibels';
import type { Measured, WeightMeasurement } from './Measurement';
import type { Inspection, LayerSummary } from '../model/model';
import { schemeOf, type Recipe } from '../recipe/recipe';
import type { SchemeId } from '../scheme/scheme';

/** Bytes that the nodes which unpack one weight add to the graph, about; measured on exports of the OCR models. */
const UNPACKING_BYTES = 300;

export interface Totals {
  /** Model file and external data, as they are. */
  readonly sourceBytes: number;
  /** Expected size of the export, graph included; null until every chosen layer is analysed. */
  readonly exportBytes: number | null;
  /** Quantized layers among those that can be. */
  readonly quantizedLayers: number;
  readonly quantizableLayers: number;
  /** The chosen layer with the lowest weight SQNR. */
  readonly worst: { readonly name: string; readonly scheme: SchemeId; readonly sqnrDb: Decibels } | null;
}

/** The scheme that a layer really gets: quantized already or impossible layers stay as they are. */
export function effectiveScheme(
  layer: LayerSummary,
  recipe: Recipe,
  analysis: WeightMeasurement | undefined,
): SchemeId {
  return layer.quantized !== null || analysis?.problem ? 'float' : schemeOf(recipe, layer.name);
}

export function totals(
  inspection: Inspection,
  recipe: Recipe,
  measured: ReadonlyMap<string, Measured>,
): Totals {
  const sourceBytes = inspection.model.bytes + inspection.model.externalBytes;
  let saved: number | null = 0;
  let quantizedLayers = 0;
  let worst: Totals['worst'] = null;
  const quantizable = inspection.layers.filter((layer) => layer.quantized === null);
  for (const layer of quantizable) {
    const analysis = measured.get(layer.name)?.weights;
    const scheme = effectiveScheme(layer, recipe, analysis);
    if (scheme === 'float') continue;
    quantizedLayers++;
    const error = analysis?.errors[scheme];
    if (!error) {
      saved = null;
      continue;
    }
    if (saved !== null) saved += layer.bytes - error.bytes - UNPACKING_BYTES;
    if (error.sqnrDb !== 'exact' && (worst === null || compareDb(error.sqnrDb, worst.sqnrDb) < 0))
      worst = { name: layer.name, scheme, sqnrDb: error.sqnrDb };
  }
  return {
    sourceBytes,
    exportBytes: saved === null ? null : sourceBytes - saved,
    quantizedLayers,
    quantizableLayers: quantizable.length,
    worst,
  };
}
