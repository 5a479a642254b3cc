import type { Pause } from '../../../base/pauses';
import { schemeOf, type Recipe } from '../../../core/recipe/recipe';
import type { EqualizationPair, Operand } from '../../../onnx/equalize/EqualizationPair';
import { floatsOf } from '../../../onnx/equalize/equalizeGraph';
import { toBytes } from '../../../onnx/file/protos';
import { scaleChannels } from '../../../quant/equalization/ChannelMap';
import { expectedNoise } from '../../../quant/equalization/expectedNoise';
import type { OpenModel } from '../../formats/OpenModel';
import { openWeight } from '../../weights/openWeight';
import { quantizedValues } from '../../weights/quantizedValues';
import type { WeightKernel } from '../../weights/WeightKernel';
import type { ReaderStats } from './observeChannels';

/** Computes what scales of a pair do to the errors of quantized weights, before anything is run. */
export class WeightNoise {
  private readonly unscaled = new Map<Operand, number>();

  constructor(
    private readonly weightKernel: WeightKernel,
    private readonly model: OpenModel,
    private readonly recipe: Recipe,
    private readonly stats: ReaderStats,
    private readonly pause: Pause,
  ) {}

  /**
   * The mean logarithm of the ratios of errors with these scales to those without, over the layers of a pair whose weights are quantized: of
   * readers at their outputs, of the layer that makes the activation in its weight. Negative is better; 0 if no weight is quantized.
   */
  async logRatio(pair: EqualizationPair, scales: Float32Array): Promise<number> {
    const made = pair.layer === null ? [] : [{ layer: pair.layer, operand: pair.operands[0]! }];
    const inverse = scales.map((scale) => 1 / scale);
    const ones = new Float32Array(pair.channels).fill(1);
    const ratios: number[] = [];
    const add = async (
      { layer, operand }: { readonly layer: string; readonly operand: Operand },
      meanSquare: ArrayLike<number>,
      factors: Float32Array,
    ) => {
      const scheme = schemeOf(this.recipe, layer);
      if (scheme === 'float') return;
      const before = this.unscaled.get(operand) ?? (await this.noise(layer, operand, meanSquare, ones));
      this.unscaled.set(operand, before);
      const after = await this.noise(layer, operand, meanSquare, factors);
      if (before > 0 && after > 0) ratios.push(Math.log(after / before));
    };
    for (const each of made) await add(each, ones, inverse);
    for (const reader of pair.readers) await add(reader, this.stats.get(reader)!.meanSquare, scales);
    return ratios.length === 0 ? 0 : ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  }

  /** In the units of the weight without factors. */
  private async noise(
    layer: string,
    { constant, map }: Operand,
    meanSquare: ArrayLike<number>,
    factors: Float32Array,
  ): Promise<number> {
    const { layout } = this.model.layers.get(layer)!;
    const values = floatsOf(constant, this.model.files);
    scaleChannels(values, map, factors);
    const passes = openWeight(this.weightKernel, {
      elementType: 'float32',
      layout,
      content: toBytes(values),
    });
    if ('problem' in passes) return 0;
    const scheme = schemeOf(this.recipe, layer);
    const error = await quantizedValues(this.weightKernel, passes, scheme, this.pause);
    error.forEach((value, i) => (error[i] = value - values[i]!));
    scaleChannels(
      error,
      map,
      factors.map((factor) => 1 / factor),
    );
    return expectedNoise(error, map, meanSquare);
  }
}
