import { EventEmitter, workspace, type Disposable, type Uri } from 'vscode';
import { EngineProcess, type EngineProcessOptions } from '../../client/EngineProcess';
import type { ActivationViewRequest, LayerActivations } from '../../core/measure/activationView';
import type { ErrorsShown } from '../../protocol/editorApi';
import type { BakeOffEntry, BakeOffRequest, LayerViewRequest } from '../../protocol/engineApi';
import { repairedVariant, type Level } from '../../core/measure/Measurement';
import type { RepairView, RepairViewRequest } from '../../core/measure/repairView';
import type { LayerView, RateTheory } from '../../core/measure/layerView';
import type { Inspection, LayerSummary } from '../../core/model/model';
import type { Recipe } from '../../core/recipe/recipe';
import type { ExportReport } from '../../core/report/report';
import type { CallOptions } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { NOTHING_MEASURED, type MeasuringState } from '../../core/measure/MeasureRequest';
import { DataSearch } from './DataSearch';
import { MeasurementStore, type MeasurementNews } from './MeasurementStore';
import { ModelExport } from './ModelExport';
import { OutputQueue, type OutputPort } from './OutputQueue';
import { sentence } from './sentence';
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
  /** Why the model cannot be opened, or not all errors of weights or of outputs could be measured; one sentence each. */
  failure: string | null = null;
  weightFailure: string | null = null;
  outputFailure: string | null = null;
  measuring: MeasuringState = NOTHING_MEASURED;

  /** All that was measured of the layers so far. */
  readonly measurements = new MeasurementStore((news) => this.measured.fire(news));
  /** The recipe's data. */
  readonly data: DataSearch;
  readonly exports: ModelExport;
  private readonly weights: WeightQueue;
  private readonly outputs: OutputQueue;
  /** Runs the model: a process of its own, so that a crash takes nothing else along. */
  private readonly runner: EngineProcess;

  constructor(
    private readonly uri: Uri,
    private readonly engine: EngineProcess,
    engineOptions: EngineProcessOptions,
    /** A folder for what was measured. */
    private readonly cache: string | null,
  ) {
    const path = uri.fsPath;
    const changed = () => this.changed.fire();
    this.runner = new EngineProcess(engineOptions);
    this.data = new DataSearch(this.runner, path, () => this.inspection !== null, changed);
    this.exports = new ModelExport(uri, engineOptions, cache, changed);
    const layers = () => this.layers.filter(({ quantized }) => quantized === null).map(({ name }) => name);
    const onProgress = () => {
      const { progress, ...ofOutputs } = this.outputs.state;
      this.measuring = { ...ofOutputs, progress: { ...progress, weights: this.weights.progress } };
      changed();
    };
    this.weights = new WeightQueue(this.measurements, {
      layers,
      measure: (request, signal, onBatch) =>
        engine.call('measure', { ...request, path }, { signal, onProgress: onBatch }),
      onProgress,
      onFailure: (error) => {
        this.weightFailure = sentence(error);
        changed();
      },
    });
    const port: OutputPort = {
      measure: (request, signal, onBatch) =>
        this.runner.call(
          'measure',
          { ...request, path, samples: settings.sensitivitySamples, cache },
          { signal, onProgress: onBatch, silenceMs: settings.exportTimeoutMs },
        ),
      onProgress,
      onFailure: (error) => {
        this.outputFailure = sentence(error);
        changed();
      },
    };
    this.outputs = new OutputQueue(this.measurements, port, layers);
  }

  get layers(): readonly LayerSummary[] {
    return this.inspection?.layers ?? [];
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
    void this.data.find();
  }

  /** The data's files may have changed: what was measured on them is measured anew. */
  rereadData(): void {
    this.outputs.reset();
    void this.data.find();
  }

  /** Analyses anew what is shown and chosen; results stream through `onDidMeasure`. */
  analyse(): void {
    if (!this.inspection) return;
    this.outputs.reset();
    this.weightFailure = null;
    this.weights.restart();
  }

  /** Measures what `owner` shows from now on, as far as it is missing: weight errors always, as outputs' errors stand beside them. */
  showErrors(owner: object, { level, schemes, repaired, others }: ErrorsShown): void {
    this.weights.show(owner, schemes);
    if (level === 'weights') return;
    const variants = repaired ? schemes.map(repairedVariant) : schemes;
    this.outputs.show({ level, schemes: variants, others: others && level === 'model' });
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
    this.data.follow(recipe.calibration);
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

  /** A layer rounded by moments; null if there is no data, or the model may not be run. */
  async repairView(
    request: Pick<RepairViewRequest, 'layer' | 'scheme'>,
    { calibration, shapes }: Recipe,
    signal: AbortSignal,
  ): Promise<RepairView | null> {
    if (calibration === null || !workspace.isTrusted) return null;
    const samples = settings.sensitivitySamples;
    const params = { ...request, path: this.uri.fsPath, calibration, shapes, samples };
    return this.runner.call('repairView', params, { signal, silenceMs: settings.exportTimeoutMs });
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
  export(recipe: Recipe, output: Uri): Promise<ExportReport> {
    return this.exports.run(recipe, output, this.layers);
  }

  /** The user has read what went wrong in measuring. */
  dismissFailures(): void {
    this.weightFailure = this.outputFailure = null;
    this.changed.fire();
  }

  dispose(): void {
    this.weights.cancel();
    this.outputs.cancel();
    this.exports.cancel();
    this.data.cancel();
    void this.runner.dispose();
    this.measured.dispose();
    this.changed.dispose();
  }
}
