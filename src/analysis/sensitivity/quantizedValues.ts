import { fitQuantizer } from '../../quant/fitQuantizer';
import type { Pause } from '../../quant/WeightSource';
import type { SchemeId } from '../../shared/scheme';
import { quantizingSpec } from '../measureScheme';
import { weightCount } from '../Weight';
import type { WeightPasses } from '../WeightPasses';
import type { Workbench } from '../Workbench';

/**
 * A weight as it comes out of a scheme, in the order of its tensor: the very numbers that an export's codes stand for.
 */
export async function quantizedValues(
  bench: Workbench,
  passes: WeightPasses,
  scheme: SchemeId,
  pause: Pause,
): Promise<Float32Array> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const { outer, channels, inner } = passes.weight.layout;
  const tensor = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) {
    bench.quantize(block, quantizer, { values: true });
    const values = bench.values(block);
    for (let r = 0; r < block.rows; r++)
      for (let o = 0; o < outer; o++) {
        const from = (r * outer + o) * inner;
        tensor.set(values.subarray(from, from + inner), (o * channels + block.row + r) * inner);
      }
  }
  return tensor;
}
