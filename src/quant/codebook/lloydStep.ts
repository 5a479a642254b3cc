/**
 * One iteration of Lloyd's (1982, method I): every level becomes the mean of its weights; one without weights stays. The means of
 * neighbouring intervals ascend of themselves.
 * @param entries levels, of one table or several
 * @param sums of the weights at each level
 * @param counts of the weights at each level
 */
export function lloydStep(entries: Float32Array, sums: Float64Array, counts: Uint32Array): Float32Array {
  return entries.map((entry, code) => (counts[code] === 0 ? entry : sums[code]! / counts[code]!));
}
