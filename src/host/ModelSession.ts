import { EventEmitter, type Disposable, type Uri } from 'vscode';
import type { EngineProcess } from '../client/EngineProcess';
import { exportModel } from '../client/exportModel';
import type { EngineProcessOptions } from '../client/EngineProcess';
import type { AnalysisBatch, LayerViewRequest } from '../shared/engineApi';
import type { LayerAnalysis, LayerView } from '../shared/measures';
import type { Inspection } from '../shared/model';
import { unknownLayers, type Recipe } from '../shared/recipe';
import type { ExportProgress, ExportReport } from '../shared/report';
import { CancelledError } from '../shared/rpc';
import { QUANTIZING_SCHEMES } from '../shared/scheme';
import { UserError } from '../shared/UserError';
import { settings } from './settings';

/** What is known of one open model, and the jobs on it. All work happens in other processes. */
export class ModelSession implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly analysed = new EventEmitter<AnalysisBatch | 'reset'>();
  /** Any of the public fields has another value. */
  readonly onDidChange = this.changed.event;
  /** More layers are analysed; or all results so far are void. */
  readonly onDidAnalyse = this.analysed.event;

  inspection: Inspection | null = null;
  /** Why the model cannot be opened, or the last job did not end well; one sentence each. */
  failure: string | null = null;
  jobFailure: string | null = null;
  readonly analyses = new Map<string, LayerAnalysis>();
  analysis = { running: false, done: 0, total: 0 };
  exporting: ExportProgress | null = null;
  report: ExportReport | null = null;

  private analysisJob = new AbortController();
  private exportJob = new AbortController();

  constructor(
    private readonly uri: Uri,
    private readonly engine: EngineProcess,
    private readonly engineOptions: EngineProcessOptions,
  ) {}

  /** Reads the model, then analyses it; again when its file changed. */
  async load(): Promise<void> {
    try {
      if (this.uri.scheme !== 'file')
        throw new UserError(`Quantscope reads models from disk, and ${this.uri.scheme}: is not a disk.`);
      this.inspection = await this.engine.call('inspect', { path: this.uri.fsPath });
      this.failure = null;
    } catch (error) {
      this.inspection = null;
      this.failure = sentence(error);
    }
    this.changed.fire();
    if (this.inspection) await this.analyse();
  }

  /** Computes the weight error of every layer under every scheme; results stream through `onDidAnalyse`. */
  async analyse(): Promise<void> {
    this.cancelAnalysis();
    const job = (this.analysisJob = new AbortController());
    this.analyses.clear();
    this.analysed.fire('reset');
    this.setAnalysis({ running: true, done: 0, total: this.inspection?.layers.length ?? 0 });
    try {
      const onProgress = (batch: AnalysisBatch) => {
        if (job.signal.aborted) return;
        for (const layer of batch.layers) this.analyses.set(layer.name, layer);
        this.analysed.fire(batch);
        this.setAnalysis({ running: true, done: batch.done, total: batch.total });
      };
      const params = { path: this.uri.fsPath, schemes: QUANTIZING_SCHEMES };
      await this.engine.call('analyse', params, { signal: job.signal, onProgress });
      this.jobFailure = null;
    } catch (error) {
      if (this.analysisJob === job && !(error instanceof CancelledError)) this.jobFailure = sentence(error);
    } finally {
      if (this.analysisJob === job) this.setAnalysis({ ...this.analysis, running: false });
    }
  }

  cancelAnalysis(): void {
    this.analysisJob.abort();
  }

  layerView(request: Omit<LayerViewRequest, 'path'>): Promise<LayerView> {
    // Not cancelled when another layer is looked at: it is short, and a process that is busy would be ended for it.
    return this.engine.call('layerView', { ...request, path: this.uri.fsPath });
  }

  /**
   * Writes the quantized model to `output`; progress and outcome show in the editor.
   * @throws UserError, CancelledError; nothing is left behind then
   */
  async export(recipe: Recipe, output: Uri): Promise<ExportReport> {
    if (this.exporting) throw new UserError('An export of this model is under way already.');
    const job = (this.exportJob = new AbortController());
    this.report = this.jobFailure = null;
    this.setExporting({ stage: 'reading', fraction: 0 });
    try {
      if (output.scheme !== 'file') throw new UserError('A model can only be exported to a folder on disk.');
      const unknown = unknownLayers(recipe, this.inspection?.layers ?? [])[0];
      if (unknown) throw new UserError(unknown.message);
      const request = {
        path: this.uri.fsPath,
        recipe,
        output: output.fsPath,
        // Whoever chose the name was asked about an existing file.
        overwrite: true,
        verify: settings.verifyExports,
      };
      this.report = await exportModel(request, {
        ...this.engineOptions,
        signal: job.signal,
        silenceMs: settings.exportTimeoutMs,
        onProgress: (progress) => this.setExporting(progress),
      });
      return this.report;
    } catch (error) {
      if (!(error instanceof CancelledError)) this.jobFailure = sentence(error);
      throw error;
    } finally {
      this.setExporting(null);
    }
  }

  cancelExport(): void {
    this.exportJob.abort();
  }

  /** The user has read what went wrong. */
  dismissFailure(): void {
    this.jobFailure = null;
    this.changed.fire();
  }

  dismissReport(): void {
    this.report = null;
    this.changed.fire();
  }

  dispose(): void {
    this.cancelAnalysis();
    this.cancelExport();
    this.changed.dispose();
    this.analysed.dispose();
  }

  private setAnalysis(analysis: typeof this.analysis): void {
    this.analysis = analysis;
    this.changed.fire();
  }

  private setExporting(progress: ExportProgress | null): void {
    this.exporting = progress;
    this.changed.fire();
  }
}

/** What a person is told of an error. */
export function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `Quantscope made a mistake: ${error instanceof Error ? error.message : String(error)}`;
}
