/**
 * Cross-layer equalization (Nagel et al. 2019, section 4.1, equation 11): the scale of a channel i between two layers is
 * s_i = sqrt(r1_i r2_i) / r2_i, after which both have the range sqrt(r1_i r2_i) there. What the first makes is divided by it, what the
 * second takes is multiplied.
 * @param made largest magnitudes of the first layer's weights, by output channel
 * @param read those of the second's, by input channel
 * @returns raw scales; not finite, or 0, for dead channels
 */
export function crossLayerScales(made: Float32Array, read: Float32Array): Float64Array {
  return Float64Array.from(made, (r1, i) => Math.sqrt(r1 * read[i]!) / read[i]!);
}
