import { existsSync } from 'node:fs';
import { EventEmitter, workspace, type Disposable, type Uri } from 'vscode';
import { EngineProcess, type EngineProcessOptions } from '../../client/EngineProcess';
import { exportModel } from '../../client/exportModel';
import type { ActivationViewRequest, LayerActivations } from '../../core/measure/activationView';
import type { Calibration } from '../../core/recipe/calibration';
import type { EditorState, ErrorsShown } from '../../protocol/editorApi';
import type { BakeOffEntry, BakeOffRequest, LayerViewRequest } from '../../protocol/engineApi';
import type { Level } from '../../core/measure/Measurement';
import type { LayerView, RateTheory } from '../../core/measure/layerView';
import type { Inspection } from '../../core/model/model';
import { unknownLayers, type Recipe } from '../../core/recipe/recipe';
import type { ExportProgress, ExportReport } from '../../core/report/report';
import { CancelledError, type CallOptions } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { NOTHING_MEASURED, type MeasuringState } from '../../core/measure/MeasureRequest';
import { MeasurementStore, type MeasurementNews } from './MeasurementStore';
import { OutputQueue, type OutputPort } from './OutputQueue';
import { WeightQueue } from './WeightQueue';
import { settings } from '../settings';

/** One open model: its measurements, and the jobs on it. All work happens in other processes. */
export class ModelSession implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly measured = new EventEmitter<MeasurementNews>();
  /** Any of the public fields has another value. */
  readonly onDidChange = this.changed.event;
  /** Layers were measured; or results so far are void. */
  readonly onDidMeasure = this.measured.event;

  inspection: Inspection | null = null;
  /** Why the model cannot be opened, its layers are not all analysed, or the last export came to nothing; one sentence each. */
  failure: string | null = null;
  analysisFailure: string | null = null;
  jobFailure: string | null = null;
  exporting: ExportProgress | null = null;
  /** The summary of the recipe's data, or why there is none. */
  data: EditorState['data'] = null;
  report: ExportReport | null = null;
  measuring: MeasuringState = NOTHING_MEASURED;

  /** All that was measured of the layers so far. */
  readonly measurements = new MeasurementStore((news) => this.measured.fire(news));
  private readonly weights: WeightQueue;
  private readonly outputs: OutputQueue;
  /** Runs the model: a process of its own, so that a crash takes nothing else along. */
  private readonly runner: EngineProcess;
  private exportJob = new AbortController();
  private dataJob = new AbortController();
  private calibration: Calibration | null = null;

  constructor(
    private readonly uri: Uri,
    private readonly engine: EngineProcess,
    private readonly engineOptions: EngineProcessOptions,
    /** A folder for what was measured. */
    private readonly cache: string | null,
  ) {
    const path = uri.fsPath;
    const layers = () => this.quantizable();
    const onProgress = () => {
      const { progress, ...of } = this.outputs.state;
      this.measuring = { ...of, progress: { ...progress, weights: this.weights.progress } };
      this.changed.fire();
    };
    this.weights = new WeightQueue(this.measurements, {
      layers,
      measure: (request, signal, onBatch) =>
        engine.call('measure', { ...request, path }, { signal, onProgress: onBatch }),
      onProgress,
      onFailure: (error) => {
        this.analysisFailure = sentence(error);
        this.changed.fire();
      },
    });
    this.runner = new EngineProcess(engineOptions);
    const port: OutputPort = {
      measure: (request, signal, onBatch) =>
        this.runner.call(
          'measure',
          { ...request, path, samples: settings.sensitivitySamples, cache },
          { signal, onProgress: onBatch, silenceMs: settings.exportTimeoutMs },
        ),
      onProgress,
      onFailure: (error) => {
        this.jobFailure = sentence(error);
        this.changed.fire();
      },
    };
    this.outputs = new OutputQueue(this.measurements, port, layers);
  }

  private quantizable(): string[] {
    return (this.inspection?.layers ?? [])
      .filter(({ quantized }) => quantized === null)
      .map(({ name }) => name);
  }

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
    this.analyse();
    void this.findData();
  }

  /** Looks for the recipe's data; only in a trusted workspace, as a recipe can name any folder. */
  async findData(): Promise<void> {
    this.dataJob.abort();
    const { signal } = (this.dataJob = new AbortController());
    const { calibration } = this;
    this.data = null;
    this.changed.fire();
    if (!calibration || calibration === 'synthetic' || !this.inspection || !workspace.isTrusted) return;
    try {
      const params = { path: this.uri.fsPath, calibration };
      const summary = await this.runner.call('describeData', params, { signal });
      if (!signal.aborted) this.data = { summary, failure: null };
    } catch (error) {
      if (!signal.aborted) this.data = { summary: null, failure: sentence(error) };
    }
    this.changed.fire();
  }

  /** The data's files may have changed: what was measured on them is measured anew. */
  rereadData(): void {
    this.outputs.reset();
    void this.findData();
  }

  /** Analyses anew what is shown and chosen; results stream through `onDidMeasure`. */
  analyse(): void {
    if (!this.inspection) return;
    this.outputs.reset();
    this.analysisFailure = null;
    this.weights.restart();
  }

  /** Measures what `owner` shows from now on, as far as it is missing: weight errors always, as outputs' errors stand beside them. */
  showErrors(owner: object, { level, schemes, others }: ErrorsShown): void {
    this.weights.show(owner, schemes);
    if (level !== 'weights') this.outputs.show({ level, schemes, others: others && level === 'model' });
  }

  /** Leaves what is missing, of weights or of outputs, until it is asked for anew. */
  cancelErrors(level: Level): void {
    if (level === 'weights') this.weights.cancel();
    else this.outputs.cancel();
  }

  /** `owner` shows nothing any more. */
  forget(owner: object): void {
    this.weights.forget(owner);
  }

  /** Measures the recipe's own choices as well, shown or not: size and worst layer follow from them. */
  follow(recipe: Recipe): void {
    this.weights.follow(recipe);
    this.outputs.follow(recipe);
    if (JSON.stringify(recipe.calibration) !== JSON.stringify(this.calibration)) {
      this.calibration = recipe.calibration;
      void this.findData();
    }
  }

  layerView(request: Omit<LayerViewRequest, 'path'>, signal?: AbortSignal): Promise<LayerView> {
    return this.engine.call('layerView', { ...request, path: this.uri.fsPath }, { signal });
  }

  /** The picture of a layer's input; null if there is no data, or the model may not be run. */
  async activationView(
    request: Pick<ActivationViewRequest, 'layer' | 'activations' | 'bins'>,
    { calibration, shapes }: Recipe,
    signal: AbortSignal,
  ): Promise<LayerActivations | null> {
    if (calibration === null || !workspace.isTrusted) return null;
    const samples = settings.sensitivitySamples;
    const params = { ...request, path: this.uri.fsPath, calibration, shapes, samples, cache: this.cache };
    return this.runner.call('activationView', params, { signal });
  }

  /** Many schemes on one layer. */
  bakeOff(
    request: Omit<BakeOffRequest, 'path'>,
    options: CallOptions<readonly BakeOffEntry[]>,
  ): Promise<RateTheory> {
    return this.engine.call('bakeOff', { ...request, path: this.uri.fsPath }, options);
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
      if (recipe.activations !== null && !workspace.isTrusted)
        throw new UserError(
          'Activations are quantized by running the model, which is only done in a trusted workspace.',
        );
      const unknown = unknownLayers(recipe, this.inspection?.layers ?? [])[0];
      if (unknown) throw new UserError(unknown.message);
      const request = {
        path: this.uri.fsPath,
        recipe,
        output: output.fsPath,
        // Whoever chose the name was asked about an existing file, but not about one that appears later.
        overwrite: existsSync(output.fsPath) || existsSync(`${output.fsPath}.data`),
        verify: settings.verifyExports,
        cache: this.cache,
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
  dismissFailures(): void {
    this.jobFailure = this.analysisFailure = null;
    this.changed.fire();
  }

  dismissReport(): void {
    this.report = null;
    this.changed.fire();
  }

  dispose(): void {
    this.weights.cancel();
    this.outputs.cancel();
    this.cancelExport();
    this.dataJob.abort();
    void this.runner.dispose();
    this.measured.dispose();
    this.changed.dispose();
  }

  private setExporting(progress: ExportProgress | null): void {
    this.exporting = progress;
    this.changed.fire();
  }
}

/** The message of an error for a person. */
export function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `Quantscope made a mistake: ${error instanceof Error ? error.message : String(error)}`;
}
