import type { VectorSpec } from '../../core/scheme/SchemeSpec';
import { lbg } from '../codebook/lbg';
import { groupsOf } from '../Groups';
import type { VectorQuantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';
import type { Pause } from '../../base/pauses';

/** A codebook by LBG for each part of the vectors (Linde, Buzo, Gray 1980; product codebooks: Sabin and Gray 1984). */
export async function fitVector(
  { dimension, entries, parts }: VectorSpec,
  source: WeightSource,
  pause: Pause,
): Promise<VectorQuantizer> {
  const size = dimension / parts;
  const codebooks = new Float32Array(parts * entries * size);
  for (let part = 0; part < parts; part++) {
    const shape = { dimension, parts, part };
    const { codebook } = await lbg(
      size,
      entries,
      (candidate, count) => source.nearestEntries(shape, candidate, count),
      pause,
    );
    codebooks.set(codebook, part * entries * size);
  }
  const bits = Math.ceil(Math.log2(entries));
  const groups = groupsOf(source.rows, source.cols, 'tensor');
  return { kind: 'vector', groups, bits, dimension, parts, entries, codebooks };
}
