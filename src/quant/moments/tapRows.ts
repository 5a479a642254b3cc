/**
 * Rows of a transposed convolution's weight as those of the matrix product that each tap of its kernel is.
 * @param rows [channels][groups][inputs][taps], channels being the outputs of a group
 * @param inputs of a group
 * @returns [groups][channels][taps][inputs]
 */
export function tapRows(rows: Float32Array, groups: number, inputs: number, taps: number): Float32Array {
  const channels = rows.length / (groups * inputs * taps);
  const result = new Float32Array(rows.length);
  let to = 0;
  for (let group = 0; group < groups; group++)
    for (let channel = 0; channel < channels; channel++) {
      const from = (channel * groups + group) * inputs * taps;
      for (let tap = 0; tap < taps; tap++)
        for (let input = 0; input < inputs; input++) result[to++] = rows[from + input * taps + tap]!;
    }
  return result;
}

/** The bias of each of these rows. @param bias [groups][channels] */
export function tapBias(bias: Float32Array, taps: number): Float32Array {
  return Float32Array.from({ length: bias.length * taps }, (_, row) => bias[Math.floor(row / taps)]!);
}
