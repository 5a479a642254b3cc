/** Shapes for synthetic inputs of a model that leaves some free: the most plausible ones that it runs with. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RuntimeModel, toTensor } from '../runtime/RuntimeModel';
import { formatShape } from '../../core/report/format';
import type { ValueSummary } from '../../core/model/model';
import { CancelledError } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { Random } from './random';
import { proposeShapes, syntheticFeed, type Shapes } from './syntheticInputs';

const SEED = 1;

/** A model's inputs, and the shapes that the user gave for some of them. */
export interface WantedShapes {
  readonly inputs: readonly ValueSummary[];
  readonly shapes: Shapes;
}

/**
 * Input shapes that the model at `source` runs with.
 * @throws UserError if it does not load, or none are found
 */
export async function workingShapes(
  wanted: WantedShapes & { readonly source: string; readonly signal: AbortSignal },
): Promise<Shapes> {
  const source = await RuntimeModel.load(wanted.source);
  try {
    return await findShapes(source, wanted, async () => {
      await nextTurn();
      if (wanted.signal.aborted) throw new CancelledError();
    });
  } finally {
    await source.release();
  }
}

/**
 * The first proposal that the model runs with.
 * @param step called before each run
 * @throws UserError if there is none
 */
export async function findShapes(
  model: RuntimeModel,
  { inputs, shapes: fixed }: WantedShapes,
  step: () => Promise<void>,
): Promise<Shapes> {
  let failure = '';
  for (const shapes of proposeShapes(inputs, fixed)) {
    await step();
    const random = new Random(SEED);
    const feeds = inputsOf(model, inputs).map(
      (input) => [input.name, toTensor(syntheticFeed(input, shapes[input.name]!, random))] as const,
    );
    try {
      await model.run(new Map(feeds));
      return shapes;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // The first proposal is the most plausible one, so its failure tells most.
      failure ||= error.message;
    }
  }
  const names = inputs.map((input) => `${input.name} ${formatShape(input.shape)}`).join(', ');
  throw new UserError(
    `No input shapes were found that the model runs with; give them for ${names}. ${failure}`,
  );
}

/** The inputs that a session has; onnxruntime drops those that nothing reads. */
export function inputsOf(model: RuntimeModel, inputs: readonly ValueSummary[]): readonly ValueSummary[] {
  const names = new Set(model.inputNames);
  return inputs.filter((input) => names.has(input.name));
}
