import type { EqualizationPair } from '../../../onnx/equalize/EqualizationPair';
import { floatsOf, type Equalization } from '../../../onnx/equalize/equalizeGraph';
import type { ExternalFiles } from '../../../onnx/file/externalData';
import type { ConstantTensor } from '../../../onnx/graph/Scope';
import { AWQ_ALPHAS, awqScales } from '../../../quant/equalization/awqScales';
import { boundedScales, isIdentity } from '../../../quant/equalization/boundedScales';
import { channelMagnitudes, scaleChannels } from '../../../quant/equalization/ChannelMap';
import { crossLayerScales } from '../../../quant/equalization/crossLayerScales';
import { SMOOTH_ALPHAS, smoothScales } from '../../../quant/equalization/smoothScales';
import type { ReaderStats } from './observeChannels';
import type { WeightNoise } from './weightNoise';

/** Scales for the pairs of a model by one method, for the quantized model to judge. */
export interface Proposal {
  /** In words, as the end of "by ". */
  readonly method: string;
  readonly chosen: readonly Equalization[];
}

/** A layer between two others changes what is best for the ones before it: sweeps until that settles (Nagel et al. 2019, section 4.1.2). */
const SWEEPS = 8;
/** Errors that fall by less are left to chance: a tenth. */
const LEAST_GAIN = Math.log(0.9);

/**
 * Scales to try, one method after the other; those that change nothing are left out, and of methods that serve weights alone those whose
 * errors do not fall by computation, so that no model is run for them.
 * @param quantizesActivations whether what layers read is quantized as well, which computation on weights says nothing about
 */
export async function proposeScales(
  pairs: readonly EqualizationPair[],
  files: ExternalFiles,
  stats: ReaderStats,
  noise: WeightNoise,
  quantizesActivations: boolean,
): Promise<readonly Proposal[]> {
  const proposals: Proposal[] = [
    { method: 'cross-layer equalization', chosen: crossLayer(pairs, files) },
    ...(quantizesActivations ? SMOOTH_ALPHAS : []).map((alpha) => ({
      method: `SmoothQuant with α ${alpha}`,
      chosen: pairs.map((pair) => smoothed(pair, files, stats, alpha)),
    })),
    { method: 'activation-aware scaling (AWQ)', chosen: await activationAware(pairs, stats, noise) },
  ];
  const useful: Proposal[] = [];
  for (const { method, chosen } of proposals) {
    const changing = chosen.filter(({ scales }) => !isIdentity(scales));
    if (changing.length === 0) continue;
    if (!quantizesActivations && (await meanRatio(changing, noise)) > LEAST_GAIN) continue;
    useful.push({ method, chosen: changing });
  }
  return useful;
}

function crossLayer(pairs: readonly EqualizationPair[], files: ExternalFiles): Equalization[] {
  const layers = pairs.filter(({ layer }) => layer !== null);
  const weights = new Map<ConstantTensor, Float32Array>();
  const valuesOf = (constant: ConstantTensor) => {
    const values = weights.get(constant) ?? floatsOf(constant, files);
    weights.set(constant, values);
    return values;
  };
  const scales = layers.map(({ channels }) => new Float64Array(channels).fill(1));
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    layers.forEach(({ operands, readers }, i) => {
      const made = operands[0]!;
      const range = channelMagnitudes(valuesOf(made.constant), made.map);
      const step = crossLayerScales(range, readRange(readers, valuesOf)).map((scale) =>
        scale > 0 && scale < Infinity ? scale : 1,
      );
      step.forEach((scale, channel) => (scales[i]![channel]! *= scale));
      scaleChannels(
        valuesOf(made.constant),
        made.map,
        step.map((scale) => 1 / scale),
      );
      for (const constant of new Set(readers.map(({ operand }) => operand.constant)))
        scaleChannels(
          valuesOf(constant),
          readers.find(({ operand }) => operand.constant === constant)!.operand.map,
          step,
        );
    });
  return layers.map((pair, i) => ({ pair, scales: boundedScales(scales[i]!) }));
}

function smoothed(
  pair: EqualizationPair,
  files: ExternalFiles,
  stats: ReaderStats,
  alpha: number,
): Equalization {
  const { readers } = pair;
  const most = readers
    .map((reader) => stats.get(reader)!.maximum)
    .reduce((all, each) => all.map((value, channel) => Math.max(value, each[channel]!)));
  const weights = readRange(readers, (constant) => floatsOf(constant, files));
  return { pair, scales: boundedScales(smoothScales(most, weights, alpha)) };
}

/** For each pair the exponent that its weights have the least error with at their outputs; none where all have more. */
async function activationAware(
  pairs: readonly EqualizationPair[],
  stats: ReaderStats,
  noise: WeightNoise,
): Promise<Equalization[]> {
  const chosen: Equalization[] = [];
  for (const pair of pairs) {
    let least = LEAST_GAIN;
    let best: Float32Array | null = null;
    const mean = pair.readers
      .map((reader) => stats.get(reader)!.mean)
      .reduce((all, each) => all.map((value, channel) => value + each[channel]!));
    for (const alpha of AWQ_ALPHAS) {
      const scales = boundedScales(awqScales(mean, alpha));
      const ratio = await noise.logRatio(pair, scales);
      if (ratio >= least) continue;
      least = ratio;
      best = scales;
    }
    if (best) chosen.push({ pair, scales: best });
  }
  return chosen;
}

async function meanRatio(chosen: readonly Equalization[], noise: WeightNoise): Promise<number> {
  let sum = 0;
  for (const { pair, scales } of chosen) sum += await noise.logRatio(pair, scales);
  return sum / chosen.length;
}

/** Largest magnitude of each channel in the readers' weights. */
function readRange(
  readers: EqualizationPair['readers'],
  valuesOf: (constant: ConstantTensor) => Float32Array,
): Float32Array {
  return readers
    .map(({ operand }) => channelMagnitudes(valuesOf(operand.constant), operand.map))
    .reduce((most, range) => most.map((value, channel) => Math.max(value, range[channel]!)));
}
