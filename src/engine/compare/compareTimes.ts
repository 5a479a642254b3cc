import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../base/rpc';
import { randomSamples, type SampleList } from '../data/calibrationSamples';
import { inputsOf, workingShapes, type WantedShapes } from '../data/workingShapes';
import { RuntimeModel } from '../runtime/RuntimeModel';

const SAMPLES = 2;
const SEED = 1;
/** Rounds over all samples: until there are enough, or they took long enough. */
const ROUNDS = 9;
const MAX_MS = 3000;
/** The first runs take memory and fill caches. */
const WARM_UP = 1;

export interface TimeOptions extends WantedShapes {
  /** Of the float model, which says what shapes are right. */
  readonly source: string;
  readonly samples?: SampleList | null;
  readonly signal: AbortSignal;
  readonly progress: (fraction: number) => void;
}

/**
 * Median times of models on the same samples, in milliseconds; they take turns, so that what else the machine does is shared.
 * @throws UserError if one does not load or run; CancelledError
 */
export async function compareTimes(paths: readonly string[], options: TimeOptions): Promise<number[]> {
  const { samples: given, inputs, signal, progress } = options;
  const shapes = given ? {} : await workingShapes(options);
  const models: RuntimeModel[] = [];
  try {
    for (const path of paths) models.push(await RuntimeModel.load(path));
    const list = given ?? randomSamples(SAMPLES, SEED, inputsOf(models[0]!, inputs), shapes);
    const samples = [...list.read()];
    const times = models.map(() => [] as number[]);
    const start = performance.now();
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      if (round > WARM_UP + 2 && performance.now() - start > MAX_MS) break;
      for (const sample of samples)
        for (const [i, model] of models.entries()) {
          progress(round / (WARM_UP + ROUNDS));
          await nextTurn();
          if (signal.aborted) throw new CancelledError();
          const before = performance.now();
          await model.runTensors(sample);
          if (round >= WARM_UP) times[i]!.push(performance.now() - before);
        }
    }
    return times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!);
  } finally {
    for (const model of models) await model.release();
  }
}
