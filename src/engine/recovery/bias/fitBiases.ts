/** Corrections of biases, layer by layer, each in the model with those before it corrected. */
import type { Tensor } from 'onnxruntime-node';
import type { BiasPlace } from '../../../onnx/read/biasPlace';
import { channelBias } from '../../../onnx/read/channelBias';
import type { Graph } from '../../../onnx/graph/Graph';
import { errorGrowth, meanErrors, type SumsPair } from '../../../quant/bias/biasCorrection';
import type { OpenModel } from '../../formats/OpenModel';
import type { RepairSamples } from '../repairSamples';
import { walkLayers, type LayerChange, type LayerTurn } from '../walkLayers';
import { biasPlaces, type BiasPlaces } from './biasPlaces';
import { inTurns } from './inTurns';
import { channelAxis, outputSums, sumsOf } from './outputSums';

/** A share of the time: the float model runs once, the quantized one in pieces. */
const FLOAT_SHARE = 0.25;

export interface FittedBiases extends BiasPlaces {
  /** Whole biases of the layers whose error falls on the samples that judge. */
  readonly biases: ReadonlyMap<string, Float32Array>;
}

export interface FitBiasesOptions {
  /** To be corrected, by name. */
  readonly layers: readonly string[];
  readonly samples: RepairSamples;
  /** Whether an Add may be put behind a layer without a bias. */
  readonly mayAdd: boolean;
  /** Called with the part that is done; may throw to stop. */
  readonly pause: (fraction: number) => Promise<void>;
}

/**
 * Fits biases by which the mean of each layer's outputs is the float model's (Nagel et al. 2019, section 4.2), one layer after the other, as a
 * correction changes what all behind it read: all at once would correct the same error several times. A layer keeps its correction if the
 * squared error of its outputs falls for it on samples that it was not fitted to.
 * @param model float
 * @param quantized the same with quantized weights, and activations if they are to be; weights have the same names
 * @throws UserError if either does not run on a sample
 */
export async function fitBiases(
  model: OpenModel,
  quantized: Graph,
  { layers, samples, mayAdd, pause }: FitBiasesOptions,
): Promise<FittedBiases> {
  const { places, left } = biasPlaces(model, layers, mayAdd);
  const biases = new Map<string, Float32Array>();
  if (places.size === 0) return { places, biases, left };
  const { read, judges } = inTurns(samples);
  const expected = await outputSums(model, read(), places, (done) =>
    pause((FLOAT_SHARE * done) / judges.length),
  );
  const walked = await walkLayers(
    { graph: quantized, files: model.files, layers: model.layers },
    { read },
    { at: 'output', layers: new Set(places.keys()) },
    (turn) => Promise.resolve(visit(turn)),
    (fraction) => pause(FLOAT_SHARE + (1 - FLOAT_SHARE) * fraction),
  );
  return { places, biases, left: new Map([...left, ...walked.left]) };

  function visit(turn: LayerTurn): LayerChange {
    const { layer, nodes } = turn;
    const place = places.get(layer)!;
    const pairs: Record<'fitted' | 'judged', SumsPair[]> = { fitted: [], judged: [] };
    let tensor: Tensor | null = null;
    for (let sample = 0; sample < turn.samples; sample++) {
      tensor = turn.value(nodes[0]!.output[0]!, sample);
      const float = expected.get(layer)![sample];
      const actual = sumsOf(place, tensor);
      if (float && actual) pairs[judges[sample] ? 'judged' : 'fitted'].push({ float, quantized: actual });
    }
    const [fitted, judged] = [meanErrors(pairs.fitted), meanErrors(pairs.judged)];
    if (!tensor || !fitted || !judged) return null;
    const added = Float32Array.from(fitted.means);
    if (!(errorGrowth(added, judged) < 0)) return null;
    biases.set(layer, sum(biasOf(model, place), added));
    return { added, axis: channelAxis(place, tensor) };
  }
}

function biasOf({ files }: OpenModel, { bias, channels }: BiasPlace): Float32Array {
  return bias ? channelBias(bias.tensor, channels, files) : new Float32Array(channels);
}

function sum(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]!);
}
