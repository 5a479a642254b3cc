import { RUNTIME_VERSION } from '../runtime/RuntimeModel';
import { deserialize, serialize } from 'node:v8';
import { ActivationObserver, type ObserverState } from '../../quant/activations/ActivationObserver';
import type { SampleList } from './calibrationSamples';
import { ContentFile, sha256 } from '../io/ContentFile';
import type { Pause } from '../../base/pauses';

/** Written down with each entry; another one is not read. To be raised when observers come to hold something else. */
const VERSION = 1;
/** Of a SHA-256 in hexadecimal, with which a file begins. */
const DIGEST_BYTES = 64;

/** What was observed of the first `samples` samples. */
export interface Observations {
  readonly samples: number;
  /** By tensor. */
  readonly observers: Map<string, ActivationObserver>;
}

interface Entry {
  readonly version: number;
  readonly samples: number;
  readonly states: ReadonlyMap<string, ObserverState>;
}

/** What is observed in one run of a model. */
export interface ObservedRun {
  /** As it is run. */
  readonly model: Uint8Array;
  readonly tensors: readonly string[];
  readonly samples: SampleList;
  /** Places of the samples in their list. */
  readonly places: readonly number[];
}

/**
 * What was observed of activations, kept on disk by the content of model and samples: a second calibration need not run the model
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
    const { model, tensors, samples, places } = run;
    const origin = {
      runtime: RUNTIME_VERSION,
      files: samples.files(places),
      // Tensors that are outputs anyway do not show in the model.
      options: [folder && sha256(model), tensors, samples.options(places)],
    };
    return new ObservationCache(await ContentFile.open(folder, '.observed', origin, pause), run);
  }

  /** Null if nothing is known, or what is there is damaged. */
  read(): Observations | null {
    const bytes = this.file.read();
    if (!bytes) return null;
    const content = bytes.subarray(DIGEST_BYTES);
    // Structure alone would not show a number that is damaged.
    if (bytes.toString('latin1', 0, DIGEST_BYTES) !== sha256(content)) return null;
    try {
      return observationsOf(deserialize(content) as Entry, this.run);
    } catch {
      return null;
    }
  }

  write({ samples, observers }: Observations): void {
    const states = new Map([...observers].map(([name, observer]) => [name, observer.state]));
    const content = serialize({ version: VERSION, samples, states } satisfies Entry);
    this.file.write(Buffer.concat([Buffer.from(sha256(content), 'latin1'), content]));
  }
}

function observationsOf(
  { version, samples, states }: Entry,
  { tensors, places }: ObservedRun,
): Observations | null {
  const observers = new Map(tensors.map((name) => [name, ActivationObserver.from(states.get(name)!)]));
  const fits = samples <= places.length && [...observers.values()].every((each) => each.samples === samples);
  return version === VERSION && fits ? { samples, observers } : null;
}
