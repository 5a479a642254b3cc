import { existsSync } from 'node:fs';
import { workspace, type Uri } from 'vscode';
import { CancelledError } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import type { EngineProcessOptions } from '../../client/EngineProcess';
import { exportModel } from '../../client/exportModel';
import type { LayerSummary } from '../../core/model/model';
import { unknownLayers, type Recipe } from '../../core/recipe/recipe';
import type { ExportProgress, ExportReport } from '../../core/report/report';
import { settings } from '../settings';
import { sentence } from './sentence';

/** Exports one model, once at a time, in a process of its own. */
export class ModelExport {
  /** Of the export under way. */
  progress: ExportProgress | null = null;
  /** Of the last export, until it is dismissed. */
  report: ExportReport | null = null;
  /** Why the last export came to nothing, in one sentence. */
  failure: string | null = null;
  private job = new AbortController();

  /** @param cache a folder for what was measured */
  constructor(
    private readonly uri: Uri,
    private readonly engineOptions: EngineProcessOptions,
    private readonly cache: string | null,
    private readonly onChange: () => void,
  ) {}

  /**
   * Writes the quantized model to `output`.
   * @param layers those of the model, as far as it was read
   * @throws UserError, CancelledError; nothing is left behind then
   */
  async run(recipe: Recipe, output: Uri, layers: readonly LayerSummary[]): Promise<ExportReport> {
    if (this.progress) throw new UserError('An export of this model is under way already.');
    const { signal } = (this.job = new AbortController());
    this.report = this.failure = null;
    this.tell({ stage: 'reading', fraction: 0 });
    try {
      refuse(recipe, output, layers);
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
        signal,
        silenceMs: settings.exportTimeoutMs,
        onProgress: (progress) => this.tell(progress),
      });
      return this.report;
    } catch (error) {
      if (!(error instanceof CancelledError)) this.failure = sentence(error);
      throw error;
    } finally {
      this.tell(null);
    }
  }

  cancel(): void {
    this.job.abort();
  }

  /** The user has read the report, or what went wrong. */
  dismiss(): void {
    this.report = this.failure = null;
    this.onChange();
  }

  private tell(progress: ExportProgress | null): void {
    this.progress = progress;
    this.onChange();
  }
}

/** @throws UserError if the recipe cannot be exported to `output`, which the engine need not be asked to know */
function refuse(recipe: Recipe, output: Uri, layers: readonly LayerSummary[]): void {
  if (output.scheme !== 'file') throw new UserError('A model can only be exported to a folder on disk.');
  if (recipe.activations !== null && !workspace.isTrusted)
    throw new UserError(
      'Activations are quantized by running the model, which is only done in a trusted workspace.',
    );
  const unknown = unknownLayers(recipe, layers)[0];
  if (unknown) throw new UserError(unknown.message);
}
