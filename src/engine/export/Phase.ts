/** An export is a row of phases; each makes one snapshot of another and changes none. */
import type { EncodedTensor } from '../../quant/EncodedTensor';
import type { Recipe } from '../../core/recipe/recipe';
import type { ExportProgress, LayerReport, OpsetReport, RepairReport } from '../../core/report/report';
import type { JobContext } from '../../base/rpc';
import type { VerifyOptions } from '../compare/verify';
import type { RepairMemory } from '../recovery/overlay/RepairMemory';
import type { RepairSamples } from '../recovery/repairSamples';
import type { Products } from '../../onnx/write/rewriteModel';
import type { OpenModel } from '../formats/OpenModel';
import type { WeightKernel } from '../weights/WeightKernel';
import type { Integers } from './integers';
import type { QuantizeRequest } from './QuantizeRequest';

/** A model on its way to an export, and what the report says of it. */
export interface Snapshot {
  /** Its weights are float until the export is written. Layers have the names that they have in the source. */
  readonly model: OpenModel;
  /** The request's; what it says of a layer that was cut into several, it says of all of them. */
  readonly recipe: Recipe;
  /** Quantized weights by layer; none before they are. */
  readonly replacements: ReadonlyMap<string, EncodedTensor>;
  /** Corrected biases by layer, one number for each output channel; others are as in the model. */
  readonly biases: ReadonlyMap<string, Float32Array>;
  /**
   * By layer, the scales that its weight is multiplied with, one for each input channel, and what it reads is divided by; none for layers that are
   * as in the source. The model has them already.
   */
  readonly equalization: ReadonlyMap<string, Float32Array>;
  /** Null before activations are calibrated, and where weights alone are quantized. */
  readonly integers: Integers | null;
  readonly layers: readonly LayerReport[];
  /** How products by quantized weights are written where activations are float. */
  readonly products: Products;
  readonly opset: OpsetReport;
  readonly repairs: readonly RepairReport[];
  readonly notes: readonly string[];
}

/** The context that all phases share. */
export interface PhaseContext {
  readonly weightKernel: WeightKernel;
  readonly request: QuantizeRequest;
  readonly job: JobContext<ExportProgress>;
  /** The samples that repairs follow from, and are judged by; null where nothing is repaired. */
  readonly repair: RepairSamples | null;
  /** What is remembered of repairs; null for nothing. */
  readonly memory: RepairMemory | null;
  /** How a model is compared with the source: on a few samples. */
  readonly comparison: Omit<VerifyOptions, 'output' | 'progress'>;
}

/** @throws UserError if the model or the recipe does not allow it; CancelledError */
export type Phase = (snapshot: Snapshot, context: PhaseContext) => Promise<Snapshot>;
