import type { ModelSummary } from '../../core/model/model';
import { RuntimeModel } from '../runtime/RuntimeModel';

/** Larger models are loaded in turns, in bytes of the source: onnxruntime takes up to twice a model's size. */
const MAX_TOGETHER = 2 ** 30;

export function tooLargeTogether({ bytes, externalBytes }: ModelSummary): boolean {
  return bytes + externalBytes > MAX_TOGETHER;
}

export interface PairOptions {
  readonly source: string;
  readonly output: string;
  /** Run the output without integer kernels, so that only what its codes stand for counts, not how this CPU multiplies them. */
  readonly exact?: boolean;
  /** Whether only one of the models is loaded at a time: both together take more memory than there may be. */
  readonly inTurns?: boolean;
}

type Which = 'source' | 'output';

/** Source and export in onnxruntime: loaded together, or in turns. */
export class ModelPair {
  private readonly loaded = new Map<Which, RuntimeModel>();

  constructor(private readonly options: PairOptions) {}

  get inTurns(): boolean {
    return this.options.inTurns ?? false;
  }

  /**
   * Uses one of the models; no call may be under way.
   * @throws UserError if it does not load, and what `use` throws
   */
  async use<T>(which: Which, use: (model: RuntimeModel) => T | Promise<T>): Promise<T> {
    const { exact = false } = this.options;
    let model = this.loaded.get(which);
    if (!model) {
      if (this.inTurns) await this.release();
      model = await RuntimeModel.load(this.options[which], { integerKernels: which === 'source' || !exact });
      this.loaded.set(which, model);
    }
    return use(model);
  }

  async release(): Promise<void> {
    for (const [which, model] of this.loaded) {
      this.loaded.delete(which);
      await model.release();
    }
  }
}
