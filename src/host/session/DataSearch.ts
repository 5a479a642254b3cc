import { workspace } from 'vscode';
import type { EngineProcess } from '../../client/EngineProcess';
import type { Calibration } from '../../core/recipe/calibration';
import type { EditorState } from '../../protocol/editorApi';
import { sentence } from './sentence';

/** Finds a recipe's data, as far as its folders hold any. */
export class DataSearch {
  /** The summary of the data, or why there is none; null until it was looked for. */
  found: EditorState['data'] = null;
  private calibration: Calibration | null = null;
  private job = new AbortController();

  /**
   * @param path the model, whose inputs the data is for
   * @param isReady whether the model was read
   */
  constructor(
    private readonly engine: EngineProcess,
    private readonly path: string,
    private readonly isReady: () => boolean,
    private readonly onChange: () => void,
  ) {}

  /** The data that counts from now on; it is looked for if it is other data. */
  follow(calibration: Calibration | null): void {
    if (JSON.stringify(calibration) === JSON.stringify(this.calibration)) return;
    this.calibration = calibration;
    void this.find();
  }

  /** Looks for the data; only in a trusted workspace, as a recipe can name any folder. */
  async find(): Promise<void> {
    this.cancel();
    const { signal } = (this.job = new AbortController());
    const { calibration, path } = this;
    this.tell(null);
    if (!calibration || calibration === 'synthetic' || !this.isReady() || !workspace.isTrusted) return;
    try {
      const summary = await this.engine.call('describeData', { path, calibration }, { signal });
      if (!signal.aborted) this.tell({ summary, failure: null });
    } catch (error) {
      if (!signal.aborted) this.tell({ summary: null, failure: sentence(error) });
    }
  }

  cancel(): void {
    this.job.abort();
  }

  private tell(found: EditorState['data']): void {
    this.found = found;
    this.onChange();
  }
}
