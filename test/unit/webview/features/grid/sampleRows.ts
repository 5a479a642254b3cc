import type { WeightMeasurement } from '../../../../../src/core/measure/Measurement';
import type { Decibels } from '../../../../../src/core/measure/Decibels';
import type { WeightError } from '../../../../../src/core/measure/errors';
import type { Inspection, LayerSummary } from '../../../../../src/core/model/model';
import { EMPTY_RECIPE, type Recipe } from '../../../../../src/core/recipe/recipe';
import type { SchemeId } from '../../../../../src/core/scheme/scheme';
import { toRows, type Errors, type Row } from '../../../../../webview/features/grid/rows';

/** A layer of 100 float weights. */
export function layer(name: string, more: Partial<LayerSummary> = {}): LayerSummary {
  return {
    name,
    op: 'Conv',
    weight: `${name}.weight`,
    nodes: [name],
    scope: '',
    shape: [10, 10],
    elementType: 'float32',
    parameters: 100,
    bytes: 400,
    channels: 10,
    quantized: null,
    ...more,
  };
}

/** Weight errors by scheme. */
export function analysis(
  name: string,
  sqnrDb: Readonly<Record<SchemeId, Decibels>>,
  problem: string | null = null,
): WeightMeasurement {
  const error = (db: Decibels): WeightError => ({
    mse: 0,
    sqnrDb: db,
    cosine: 1,
    maxAbs: 0,
    bitsPerWeight: 8,
    bytes: 100,
    entropyBits: 7,
  });
  const errors = Object.fromEntries(Object.entries(sqnrDb).map(([id, db]) => [id, error(db)]));
  return { level: 'weights', layer: name, errors, inputs: 'none', sparkline: [1], problem };
}

export function inspection(layers: readonly LayerSummary[]): Inspection {
  const bytes = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  const model = {
    path: 'model.onnx',
    bytes,
    externalBytes: 0,
    producer: '',
    irVersion: 8,
    opset: 13,
    opsets: [],
    inputs: [],
    outputs: [],
    parameters: 0,
    weightBytes: bytes,
  };
  return { model, layers, skipped: [], notes: [] };
}

/** The state before anything is measured. */
export const NO_ERRORS: Errors = { measured: new Map(), level: 'weights', repaired: false, whole: null };

export function rows(
  layers: readonly LayerSummary[],
  analyses: readonly WeightMeasurement[] = [],
  recipe: Recipe = EMPTY_RECIPE,
): readonly Row[] {
  return toRows(inspection(layers), recipe, {
    ...NO_ERRORS,
    measured: new Map(analyses.map((each) => [each.layer, { weights: each }])),
  });
}
