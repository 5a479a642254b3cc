import type { OpenModel } from '../formats/OpenModel';
import { readModel } from '../formats/readModel';
import { isFresh, type OpenedModel } from './OpenedModel';
import { RecentlyUsed } from './RecentlyUsed';

export { weightOf, type OpenModel } from '../formats/OpenModel';
export { readModel } from '../formats/readModel';

/** Models are kept while they are looked at; two, so that going back and forth does not read anew. */
const MAX_OPEN = 2;

/**
 * Opens a model elsewhere, where nobody waits for it.
 * @throws UserError, or CancelledError once the signal is aborted
 */
export type OpenElsewhere = (path: string, signal: AbortSignal) => Promise<OpenedModel>;

/** The models that this process has in memory, as long as their files do not change. */
export class OpenModels {
  private readonly opened = new RecentlyUsed<OpenedModel>(MAX_OPEN);
  private readonly parsed = new RecentlyUsed<OpenModel>(MAX_OPEN);

  constructor(private readonly openElsewhere: OpenElsewhere) {}

  /**
   * A model without its graph, which is all that looking at it and at its weights takes.
   * @throws UserError if the file cannot be read or is no sound model
   * @throws CancelledError
   */
  async open(path: string, signal: AbortSignal): Promise<OpenedModel> {
    const cached = this.opened.get(path);
    if (cached && isFresh(cached)) return cached;
    const opened = await this.openElsewhere(path, signal);
    this.opened.set(path, opened);
    return opened;
  }

  /**
   * A model with its graph, for whoever runs it or parts of it.
   * @throws UserError, CancelledError as `open`
   */
  async get(path: string, signal: AbortSignal): Promise<OpenModel> {
    // A model that cannot be opened there is not tried here, where others wait.
    await this.open(path, signal);
    const cached = this.parsed.get(path);
    if (cached && isFresh({ files: cached.files.states })) return cached;
    // Reads anew what the thread has read: weights stay in the file, and to copy the rest of a graph out of one thread and into
    // another takes as long as parsing it (5 ms each for a model of 5 MB), for all who look at a model and never ask for its graph.
    const model = readModel(path);
    this.parsed.set(path, model);
    return model;
  }
}
