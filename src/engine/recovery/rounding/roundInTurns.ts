/** Rounding one layer after the other, each by what it reads of the layers before it, which are quantized. */
import { UserError } from '../../../base/UserError';
import { channelBias } from '../../../onnx/read/channelBias';
import { factorInputs } from '../../../onnx/subgraph/factorInputs';
import type { LayerInputs, LayerUse } from '../../../onnx/subgraph/layerInputs';
import { CrossMoments } from '../../../quant/moments/CrossMoments';
import { InputMoments } from '../../../quant/moments/InputMoments';
import { Random } from '../../data/random';
import { weightOf, type OpenModel } from '../../formats/OpenModel';
import { MomentsKernel } from '../../moments/MomentsKernel';
import { layerVectors, valuesOf } from '../../moments/layerVectors';
import { valueOf, type Value } from '../../runtime/RuntimeModel';
import { openWeight } from '../../weights/openWeight';
import { inTensorOrder, quantizedValues } from '../../weights/quantizedValues';
import type { WeightKernel } from '../../weights/WeightKernel';
import type { RepairSamples } from '../repairSamples';
import { walkLayers, type LayerChange, type LayerTurn } from '../walkLayers';
import { LayerRounding } from './LayerRounding';
import { roundedLayer, type QuantizedWeights, type RoundedLayer, type RoundedLayers } from './RoundedLayers';
import { MAX_NUMBERS, POSITIONS, type Step } from './roundLayers';
import { roundingKernels } from './RoundingKernels';

const SEED = 5;

/**
 * Rounds weights by second moments of what layers read in the quantized model, for outputs as those of the float model.
 * @returns beside what was rounded, the layers that cannot be met on the way
 * @throws UserError if the model does not run on a sample
 * @throws CancelledError
 */
export async function roundInTurns(
  weightKernel: WeightKernel,
  model: OpenModel,
  { schemes, repaired }: Pick<QuantizedWeights, 'schemes' | 'repaired'>,
  samples: RepairSamples,
  step: Step,
): Promise<RoundedLayers & { readonly unmet: ReadonlySet<string> }> {
  const kernels = await roundingKernels(weightKernel);
  const rounded = new Map<string, RoundedLayer>();
  const left = new Map<string, string>();
  let fraction = 0;
  const pause = () => step(fraction);

  const visit = async (turn: LayerTurn): Promise<LayerChange> => {
    const { layer } = turn;
    const weight = weightOf(model, layer);
    const passes = openWeight(weightKernel, weight);
    if ('problem' in passes) return null;
    const scheme = schemes.get(layer)!;
    const inputs = factorInputs(model, model.layers.get(layer)!);
    if (typeof inputs === 'string' && repaired.has(layer)) left.set(layer, inputs);
    if (!repaired.has(layer) || typeof inputs === 'string')
      return { weight: await quantizedValues(weightKernel, passes, scheme, pause) };
    const memory = await MomentsKernel.create(weightKernel.loadKernel);
    const moments = momentsOf(memory, inputs, turn, samples.judged.count);
    const { taps, bias, channels } = inputs;
    const rounding = new LayerRounding(kernels, passes, {
      ...{ taps, bias: bias && channelBias(bias, channels, model.files) },
      ...{ fitted: moments.fitted.state, judged: moments.judged.state },
    });
    const result = await rounding.round(scheme, pause, {
      mismatch: moments.mismatch,
      scales: true,
    });
    if (result.reason === null) rounded.set(layer, roundedLayer(weightKernel, passes, result));
    else left.set(layer, result.reason);
    return { weight: inTensorOrder(result.values, weight) };
  };

  const { judged, fitted } = samples;
  const walked = await walkLayers(
    model,
    {
      // Those that are left out where there is no room for all are the last.
      *read() {
        yield* judged.read();
        yield* fitted.read();
      },
    },
    { at: 'input', layers: new Set(schemes.keys()), reference: true },
    visit,
    async (part) => {
      fraction = part;
      await step(part);
    },
  );
  return { rounded, left, unmet: new Set(walked.left.keys()) };
}

interface TurnMoments {
  /** Of what the layer reads in the quantized model. */
  readonly fitted: InputMoments;
  readonly judged: InputMoments;
  readonly mismatch: CrossMoments;
}

/** @param judging so many of the first samples judge */
function momentsOf(
  memory: MomentsKernel,
  inputs: LayerInputs,
  { value, reference, samples }: LayerTurn,
  judging: number,
): TurnMoments {
  const empty = () =>
    new InputMoments(inputs.inputs, inputs.groups, MAX_NUMBERS, (shape) => memory.products(shape));
  const fitted = empty();
  const judged = empty();
  const mismatch = new CrossMoments(fitted);
  for (let sample = 0; sample < samples; sample++)
    inputs.uses.forEach((use, i) => {
      const vectors = (of: LayerTurn['value']) => layerVectors(use, inputs, tensorsOf(use, of, sample));
      const sampling = () => {
        const random = new Random(SEED + 64 * sample + i);
        return { mostPositions: POSITIONS, random: () => random.uniform() };
      };
      const quantized = vectors(value);
      if (sample < judging) return judged.add(quantized, sampling());
      fitted.add(quantized, sampling());
      mismatch.add(vectors(reference), quantized, sampling());
    });
  if (fitted.count === 0) throw new UserError('A layer reads no finite vector on any sample.');
  return { fitted, judged, mismatch };
}

function tensorsOf(use: LayerUse, of: LayerTurn['value'], sample: number): [Value, ...Value[]] {
  const [first, ...others] = valuesOf(use).map((name) => valueOf(of(name, sample)));
  return [first!, ...others];
}
