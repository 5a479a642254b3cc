import type { VectorQuantizer } from '../Quantizer';

/**
 * The last vector is filled up with zeros when its codes are made: the entry that it got must be the nearest one to that as well. Each step brings the part that is thrown away
 * nearer to zero, so that there is a last one.
 */
export function settleLast(
  values: Float32Array,
  { dimension, parts, entries, codebooks }: VectorQuantizer,
): void {
  const size = dimension / parts;
  const filled = values.length % size;
  if (filled === 0) return;
  const vector = new Float32Array(size);
  vector.set(values.subarray(values.length - filled));
  const part = Math.floor((values.length % dimension) / size);
  for (let entry = -1; ;) {
    const next = nearestTo(vector, codebooks.subarray(part * entries * size), entries);
    if (next === entry) break;
    entry = next;
    vector.set(codebooks.subarray((part * entries + entry) * size).subarray(0, filled));
  }
  values.set(vector.subarray(0, filled), values.length - filled);
}

/** The first of the entries of least squared distance, computed as the kernel does. */
function nearestTo(vector: Float32Array, codebook: Float32Array, entries: number): number {
  let [nearest, least] = [0, Infinity];
  for (let entry = 0; entry < entries; entry++) {
    let distance = 0;
    vector.forEach((x, i) => {
      const difference = Math.fround(x - codebook[entry * vector.length + i]!);
      distance = Math.fround(distance + Math.fround(difference * difference));
    });
    if (distance < least) [nearest, least] = [entry, distance];
  }
  return nearest;
}
