/** The report of an export: shown in the editor and on the terminal, and written as Markdown. */
import type { ActivationScheme } from '../scheme/activations';
import type { Decibels } from '../measure/Decibels';
import type { RepairPass } from '../recipe/repair';
import type { SchemeId } from '../scheme/scheme';

/** Model output error of one output. */
export interface ComparedOutput {
  readonly name: string;
  /** Samples that it was compared on; 0 if it is empty or of another size on all. */
  readonly compared: number;
  /** Samples that it has another size on than the source's, as may be where the size depends on the data; nothing is compared on these. */
  readonly otherSize: number;
  /** Whether it is text, of which no error can be computed. */
  readonly text: boolean;
  /** Null of text, and where nothing was compared. */
  readonly sqnrDb: Decibels | null;
  /** Share of the rows whose largest score has the same index, or of equal texts; null if the output is not made of rows of scores. */
  readonly top1Agreement: number | null;
}

/** Whether no difference was measured. */
export function isEqual({ sqnrDb, text, compared, top1Agreement }: ComparedOutput): boolean {
  return text ? compared > 0 && top1Agreement === 1 : sqnrDb === 'equal';
}

/** The exported model against the source, both run in onnxruntime on the same inputs. */
export interface Verification {
  /** The kind of inputs: random numbers that stand for nothing, or the user's data that was not calibrated on. */
  readonly inputs: 'synthetic' | 'data';
  readonly samples: number;
  /** The inputs' shapes, free dimensions filled in. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly outputs: readonly ComparedOutput[];
  /** Names of outputs that were not compared, as they are no tensors: sequences or maps. */
  readonly otherOutputs: readonly string[];
  /** Shares of the labelled samples whose class is found; null without labels. */
  readonly accuracy: { readonly source: number; readonly output: number; readonly labelled: number } | null;
  /** Median time of a run, milliseconds. */
  readonly sourceMs: number;
  readonly outputMs: number;
}

export interface LayerReport {
  readonly name: string;
  readonly scheme: SchemeId;
  /** Weight error; exact for float. */
  readonly sqnrDb: Decibels;
  /** Bytes of the weight in the source, and of its codes, scales, zero points and codebooks in the export. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Why the layer was left alone although the recipe names a scheme; absent otherwise. */
  readonly note?: string;
}

/** The version of the default operator set, and why it is not another. */
export interface OpsetReport {
  readonly source: number;
  readonly output: number;
  /** Why the model stays at its opset although the recipe's schemes have a form of their own in a later one; else null. */
  readonly note: string | null;
}

/** An export that takes so many times as long as its source is called slower; less is within what runs differ by. */
const SLOWER = 1.05;

/** Whether an export is called slower than its source. */
export function isSlower({ sourceMs, outputMs }: Pick<Verification, 'sourceMs' | 'outputMs'>): boolean {
  return outputMs > sourceMs * SLOWER;
}

/** Kernels that lose more than this, dB, are warned of; roundings make less. */
export const LOSSY_KERNELS_DB = 1;

/** An activation whose range was chosen by its effect. */
export interface ChosenActivationRange {
  readonly activation: string;
  /** The usual range that it is, or that it was refined from: `given` for the recipe's own. */
  readonly range: string;
  /** Whether scale and zero point were refined from there. */
  readonly refined: boolean;
  /** How much smaller the error of its readers' results is than with the recipe's range, dB; less than 0 where the model's outputs say otherwise. */
  readonly readersGainDb: number;
}

/** The part of the model that computes in integers. */
export interface IntegerReport {
  readonly activations: ActivationScheme;
  /** The data that ranges were observed on: files, or random numbers that stand for nothing. */
  readonly calibration: 'synthetic' | 'data';
  readonly samples: number;
  /** Samples that ranges were not observed on, so that exports can be compared on them. */
  readonly heldOut: number;
  /** Layers whose activations are quantized. */
  readonly layers: readonly string[];
  /** Their nodes, and for how many of these onnxruntime has integer kernels on this machine. */
  readonly nodes: number;
  readonly integerKernels: number;
  /**
   * Model output error of the same codes computed without integer kernels, on the same samples: what the kernels of this machine's CPU lose is the
   * difference. Null where no such kernel runs, or there is no other way to compute (QOperator).
   */
  readonly exactOutputs: readonly ComparedOutput[] | null;
  /** Activations with another range than the recipe's; absent where ranges are not repaired. */
  readonly ranges?: readonly ChosenActivationRange[];
  /** The form that weights have for the kernels of a CPU and why, in sentences; absent where nothing chose it. */
  readonly forms?: string;
  /** Quantized layers that do not compute in integers, and why, as the end of a sentence. */
  readonly left: readonly { readonly layer: string; readonly reason: string }[];
}

/** One repair: its cost in time is that of the calibration data, and its gain is here. */
export interface RepairReport {
  readonly pass: RepairPass;
  /** Layers, or tensors, that it changed, of those that it was tried on. */
  readonly changed: number;
  readonly tried: number;
  /** Model output error of the worst output, on calibration samples that nothing was fitted to: without this pass, and with it. */
  readonly before: Decibels;
  readonly after: Decibels;
  /** Whether the export has it: a pass that does not help is undone. */
  readonly kept: boolean;
  /** Remarks, in sentences for the user; null for none. */
  readonly note: string | null;
}

/** A node that takes longer in an export than in its source, which may not have it at all. */
export interface SlowNode {
  /** The operator of a node that only the export has; null for a layer of both. */
  readonly op: string | null;
  /** The layer's name, or that of what the node makes: a weight, for one. */
  readonly name: string;
  /** Null for a node that only the export has. */
  readonly sourceMs: number | null;
  readonly outputMs: number;
}

export interface ExportReport {
  readonly output: { readonly path: string; readonly bytes: number };
  readonly source: { readonly path: string; readonly bytes: number };
  /** Null if the user turned verification off. */
  readonly verification: Verification | null;
  readonly opset: OpsetReport;
  /** Nodes that take longer than in the source, those that lose most first; empty if the export as a whole does not. */
  readonly slower: readonly SlowNode[];
  /** Null if weights alone are quantized. */
  readonly integers: IntegerReport | null;
  /** In their order; empty if none was wanted, or there was nothing to judge it by. */
  readonly repairs: readonly RepairReport[];
  /** The file of repairs that was saved, and its SHA-256, by which a recipe names it; absent if none was. */
  readonly overlay?: { readonly path: string; readonly digest: string };
  /** Steps that were taken or left out, each a sentence. */
  readonly notes: readonly string[];
  readonly layers: readonly LayerReport[];
}

/** The steps of an export in their order. */
export type ExportStage =
  'reading' | 'preparing' | 'quantizing' | 'repairing' | 'raising' | 'calibrating' | 'writing' | 'verifying';
export interface ExportProgress {
  readonly stage: ExportStage;
  /** 0 to 1 within the stage. */
  readonly fraction: number;
}
