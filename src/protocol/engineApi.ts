/** Jobs of the worker for the extension host and the terminal. Model bytes never cross this border. */
import type { Inspection } from '../core/model/model';
import type { RepairView, RepairViewRequest } from '../core/measure/repairView';
import type { ActivationViewRequest, LayerActivations } from '../core/measure/activationView';
import type { CalibrationData } from '../core/recipe/calibration';
import type { DataSummary } from '../core/model/dataSummary';
import type { WeightError } from '../core/measure/errors';
import type { LayerView, RateTheory } from '../core/measure/layerView';
import type { Recipe } from '../core/recipe/recipe';
import type { ExportProgress, ExportReport } from '../core/report/report';
import type { SchemeId } from '../core/scheme/scheme';
import type { MeasurementBatch, MeasureRequest, MeasurementSummary } from '../core/measure/MeasureRequest';

export interface LayerViewRequest {
  readonly path: string;
  readonly layer: string;
  readonly scheme: SchemeId;
  /** Histogram and levels of one output channel; null for the whole layer. */
  readonly channel: number | null;
  /** Histogram bins, 1 to 4,096. */
  readonly bins: number;
  /** Size of the error map at most, 1 to 1,024 each. */
  readonly mapRows: number;
  readonly mapColumns: number;
}

export interface ExportRequest {
  readonly path: string;
  readonly recipe: Recipe;
  /** Where the model goes when all is well. Never the source. */
  readonly output: string;
  /** Replace an existing file. */
  readonly overwrite: boolean;
  /** Write the report beside it as well, as Markdown. */
  readonly report?: boolean;
  /** Run source and export in onnxruntime and compare. Whoever asks for activations has the source run in any case. */
  readonly verify: boolean;
  /** Save what was repaired in a file beside the source, for recipes to name. */
  readonly saveOverlay?: boolean;
  /** A folder where what is observed of activations, and what was repaired, is kept for the next time; null for none. */
  readonly cache: string | null;
}

export interface BakeOffRequest {
  readonly path: string;
  readonly layer: string;
  readonly schemes: readonly SchemeId[];
}

/** One scheme of a bake-off. */
export interface BakeOffEntry {
  readonly scheme: SchemeId;
  readonly error: WeightError;
}

export interface EngineApi {
  inspect: { params: { readonly path: string }; progress: never; result: Inspection };
  /** Errors of layers, at any level. Those at outputs are measured by running the model: in a process of its own. */
  measure: { params: MeasureRequest; progress: MeasurementBatch; result: MeasurementSummary };
  layerView: { params: LayerViewRequest; progress: never; result: LayerView };
  /** Weight error of many schemes on one layer, as they come, and what theory allows. */
  bakeOff: { params: BakeOffRequest; progress: readonly BakeOffEntry[]; result: RateTheory };
  /** Summarizes a recipe's calibration data, without running the model. */
  describeData: {
    params: { readonly path: string; readonly calibration: CalibrationData };
    progress: never;
    result: DataSummary;
  };
  /** Distribution of what a layer reads, and how it is quantized. Runs the model: in a process of its own. */
  activationView: { params: ActivationViewRequest; progress: never; result: LayerActivations };
  /** A layer rounded by moments beside the nearest levels. Runs the model: in a process of its own. */
  repairView: { params: RepairViewRequest; progress: never; result: RepairView };
  export: { params: ExportRequest; progress: ExportProgress; result: ExportReport };
  /** Peak resident memory of the worker so far, in bytes. */
  peakMemory: { params: null; progress: never; result: number };
}
