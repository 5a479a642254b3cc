/**
 * DoReFa-Net's quantizer of weights (Zhou et al. 2016, equation 9) as levels and thresholds: 2 quantize_k(tanh(w) / (2 max|tanh(w)|) + 1/2) - 1 takes the values 2i / (2^k - 1) - 1, and as the
 * tanh is monotone, each from an interval of weights.
 * @param largest magnitude of the tensor's weights
 * @returns levels ascending from -1 to 1, and where each next one begins, Infinity at the end; half way goes up
 */
export function dorefaTable(
  bits: number,
  largest: number,
): { entries: Float32Array; thresholds: Float32Array } {
  const steps = 2 ** bits - 1;
  const most = Math.tanh(largest);
  const entries = Float32Array.from({ length: steps + 1 }, (_, i) => (2 * i) / steps - 1);
  const thresholds = entries.map((_, i) =>
    i === steps ? Infinity : Math.atanh(((2 * i + 1) / steps - 1) * most),
  );
  return { entries, thresholds };
}
