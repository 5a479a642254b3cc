import { VERSIONS } from '../runtime/versions';
import { deserialize, serialize } from 'node:v8';
import { ActivationObserver, type ObserverState } from '../../quant/activations/ActivationObserver';
import type { SampleList } from '../data/calibrationSamples';
import { ContentFile, sha256 } from '../io/ContentFile';
import type { Pause } from '../../base/pauses';

/** Observers of the first `samples` samples. */
export interface Observations {
  readonly samples: number;
  /** By tensor. */
  readonly observers: Map<string, ActivationObserver>;
}

interface Entry {
  readonly samples: number;
  readonly states: ReadonlyMap<string, ObserverState>;
}

/** One run of a model on samples. */
export interface ObservedRun {
  /** As it is run. */
  readonly model: Uint8Array;
  readonly tensors: readonly string[];
  readonly samples: SampleList;
  /** Places of the samples in their list. */
  readonly sampleIndices: readonly number[];
}

/**
 * Observed activations, cached on disk by the content of model and samples: a second calibration need not run the model
 * again, and one that was cancelled, or whose process ended, goes on where it was.
 */
export class ObservationCache {
  private constructor(
    private readonly file: ContentFile,
    private readonly run: ObservedRun,
  ) {}

  /**
   * @param folder null to keep nothing
   * @param pause called while files are read; may throw to stop
   */
  static async open(folder: string | null, run: ObservedRun, pause: Pause): Promise<ObservationCache> {
    const { model, tensors, samples, sampleIndices } = run;
    const origin = {
      versions: VERSIONS,
      files: samples.files(sampleIndices),
      // Tensors that are outputs anyway do not show in the model.
      options: [folder && sha256(model), tensors, samples.options(sampleIndices)],
    };
    return new ObservationCache(await ContentFile.open(folder, '.observed', origin, pause), run);
  }

  /** Returns the cached observations; null if there are none, or they are damaged. */
  read(): Observations | null {
    const content = this.file.read();
    if (!content) return null;
    try {
      return observationsOf(deserialize(content) as Entry, this.run);
    } catch {
      return null;
    }
  }

  write({ samples, observers }: Observations): void {
    const states = new Map([...observers].map(([name, observer]) => [name, observer.state]));
    this.file.write(serialize({ samples, states } satisfies Entry));
  }
}

function observationsOf(
  { samples, states }: Entry,
  { tensors, sampleIndices }: ObservedRun,
): Observations | null {
  const observers = new Map(tensors.map((name) => [name, ActivationObserver.from(states.get(name)!)]));
  const fits =
    samples <= sampleIndices.length && [...observers.values()].every((each) => each.samples === samples);
  return fits ? { samples, observers } : null;
}
