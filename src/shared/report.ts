/** What an export is told to the user, in the editor, on the terminal and as Markdown. */
import type { SchemeId } from './scheme';

/** Model output error of one output. */
export interface OutputError {
  readonly name: string;
  /** Null if the outputs are identical, or if one has NaN or infinity where the other has a number. */
  readonly sqnrDb: number | null;
  /** Equal to the last bit on all samples. */
  readonly identical: boolean;
}

/** The exported model against the source, both run in onnxruntime on the same inputs. */
export interface Verification {
  /** What the inputs were: random numbers that stand for nothing. */
  readonly inputs: 'synthetic';
  /** The inputs' shapes, free dimensions filled in. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly outputs: readonly OutputError[];
  /** Median time of a run, milliseconds. */
  readonly sourceMs: number;
  readonly outputMs: number;
}

export interface LayerReport {
  readonly name: string;
  readonly scheme: SchemeId;
  /** Weight error; null for float or an exact layer. */
  readonly sqnrDb: number | null;
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

export interface ExportReport {
  readonly output: { readonly path: string; readonly bytes: number };
  readonly source: { readonly path: string; readonly bytes: number };
  /** Null if the user turned verification off. */
  readonly verification: Verification | null;
  readonly opset: OpsetReport;
  readonly layers: readonly LayerReport[];
}

/** The steps of an export in their order. */
export type ExportStage = 'reading' | 'quantizing' | 'raising' | 'writing' | 'verifying';
export interface ExportProgress {
  readonly stage: ExportStage;
  /** 0 to 1 within the stage. */
  readonly fraction: number;
}
