/** Messages between the editor's webview and the extension host. */
import type { ActivationChoice, ActivationScheme } from '../core/scheme/activations';
import type { LayerActivations } from '../core/measure/activationView';
import type { RepairView, RepairViewRequest } from '../core/measure/repairView';
import type { BakeOffEntry, BakeOffRequest, LayerViewRequest } from './engineApi';
import type { MeasuringState } from '../core/measure/MeasureRequest';
import type { DataSummary } from '../core/model/dataSummary';
import type { LayerView, RateTheory } from '../core/measure/layerView';
import type { Inspection } from '../core/model/model';
import type { CpuChoice } from '../core/recipe/cpu';
import type { RepairChoice } from '../core/recipe/repair';
import type { Recipe } from '../core/recipe/recipe';
import type { ExportProgress, ExportReport } from '../core/report/report';
import type { SchemeId } from '../core/scheme/scheme';
import type { Measurement, Level } from '../core/measure/Measurement';

/** A sentence above the table that stays until it is dealt with, with what can be done about it. */
export interface Notice {
  readonly id: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly actions: readonly { readonly id: string; readonly label: string }[];
}

/** All that the webview shows; it keeps no truth of its own. Measurements come beside it, in batches. */
export interface EditorState {
  readonly fileName: string;
  /** Null while the model is being read, or if it cannot be. */
  readonly inspection: Inspection | null;
  /** Why the model cannot be opened, in one sentence. */
  readonly failure: string | null;
  readonly recipe: Recipe;
  readonly measuring: MeasuringState;
  /** The summary of the recipe's data, or why there is none; null until it was looked for. */
  readonly data: { readonly summary: DataSummary | null; readonly failure: string | null } | null;
  readonly notices: readonly Notice[];
  /** The export under way. */
  readonly exporting: ExportProgress | null;
  /** The last export. */
  readonly report: ExportReport | null;
  /** Whether the workspace is trusted; models are only run if it is. */
  readonly trusted: boolean;
}

/** Messages from host to webview. */
export type HostMessage =
  | { readonly type: 'state'; readonly state: Partial<EditorState> }
  /** All errors of these layers at these levels, as far as they are measured. */
  | { readonly type: 'measurements'; readonly measurements: readonly Measurement[] }
  /** All measurements at these levels are void. */
  | { readonly type: 'measurementsReset'; readonly levels: readonly Level[] };

/** Whether it is one: answers to calls come over the same channel. */
export function isHostMessage(message: unknown): message is HostMessage {
  const { type, state, measurements, levels } = Object(message) as Record<string, unknown>;
  if (type === 'state') return typeof state === 'object' && state !== null;
  return type === 'measurements'
    ? Array.isArray(measurements)
    : type === 'measurementsReset' && Array.isArray(levels);
}

/** Errors that are looked at. */
export interface ErrorsShown {
  readonly level: Level;
  readonly schemes: readonly SchemeId[];
  /** At outputs: of weights that are rounded by moments, instead of to nearest. */
  readonly repaired: boolean;
  /** At the model's outputs: of each layer left in float as well, all others quantized as the recipe says. */
  readonly others: boolean;
}

/** Calls from webview to host. */
export interface EditorApi {
  /** The webview is there: send everything. */
  ready: { params: null; progress: never; result: null };
  /** Null lets the layers follow the default scheme. */
  chooseScheme: {
    params: { readonly layers: readonly string[]; readonly scheme: SchemeId | null };
    progress: never;
    result: null;
  };
  chooseDefault: { params: { readonly scheme: SchemeId }; progress: never; result: null };
  /** Asks how activations are quantized, and for what data. */
  askActivations: { params: null; progress: never; result: null };
  /** Asks for calibration data. */
  askData: { params: null; progress: never; result: null };
  /** Looks at the data anew, as its files may have changed, and measures anew what is looked at. */
  rereadData: { params: null; progress: never; result: null };
  /** Asks for the shape that an input is verified with. */
  askShape: { params: { readonly input: string }; progress: never; result: null };
  layerView: { params: Omit<LayerViewRequest, 'path'>; progress: never; result: LayerView };
  /** The picture of a layer's input; null if there is no data, or the model may not be run. */
  activationView: {
    params: { readonly layer: string; readonly activations: ActivationScheme; readonly bins: number };
    progress: never;
    result: LayerActivations | null;
  };
  /** A layer rounded by moments; null if there is no data, or the model may not be run. */
  repairView: {
    params: Pick<RepairViewRequest, 'layer' | 'scheme'>;
    progress: never;
    result: RepairView | null;
  };
  bakeOff: { params: Omit<BakeOffRequest, 'path'>; progress: readonly BakeOffEntry[]; result: RateTheory };
  /**
   * The heatmap's columns: what of them is not measured yet, is, of weights always and of outputs if `level` names them, for which the user
   * is asked for data if there is none. False if the model may not be run, or the user named no data.
   */
  showErrors: { params: ErrorsShown; progress: never; result: boolean };
  /** Leaves what is not measured yet, of weights or of outputs, until it is asked for anew. */
  cancelErrors: { params: { readonly level: Level }; progress: never; result: null };
  /** Forgets what was measured, and measures it anew. */
  restartErrors: { params: null; progress: never; result: null };
  /** Asks which of the layers that spoil the outputs most are to stay float. */
  askFloatLayers: { params: null; progress: never; result: null };
  /** A layer's input has another range, or stays float; null for that of all others. */
  chooseActivations: {
    params: { readonly layers: readonly string[]; readonly choice: ActivationChoice | null };
    progress: never;
    result: null;
  };
  /** Layers are repaired by other passes than the rest; null for those of all others. */
  chooseLayerRepair: {
    params: { readonly layers: readonly string[]; readonly choice: RepairChoice | null };
    progress: never;
    result: null;
  };
  /** The passes that repair what quantization broke, as in a recipe. */
  chooseRepair: { params: { readonly choice: RepairChoice }; progress: never; result: null };
  /** The CPU that the repair of kernels writes weights for. */
  chooseCpu: { params: { readonly cpu: CpuChoice }; progress: never; result: null };
  /** Adds the repair of kernels to those that there are. */
  repairKernels: { params: null; progress: never; result: null };
  /** Gives 8-bit weights codes of 7 bits, whose products do not saturate on any CPU. */
  narrowWeights: { params: null; progress: never; result: null };
  /** Asks for a file name and exports. */
  export: { params: null; progress: never; result: null };
  cancelExport: { params: null; progress: never; result: null };
  /** Writes the last export's report as Markdown beside the exported model and opens it. */
  saveReport: { params: null; progress: never; result: null };
  /** Opens the exported model in an editor of its own. */
  openOutput: { params: null; progress: never; result: null };
  dismissReport: { params: null; progress: never; result: null };
  runNoticeAction: {
    params: { readonly notice: string; readonly action: string };
    progress: never;
    result: null;
  };
}
