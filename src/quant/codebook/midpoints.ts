/**
 * The thresholds of a nearest-level quantizer: half way between neighbours, a weight right there going to the upper one; and Infinity behind the last.
 * @param entries ascending levels
 */
export function midpoints(entries: Float32Array): Float32Array {
  return entries.map((entry, i) => (i + 1 < entries.length ? (entry + entries[i + 1]!) / 2 : Infinity));
}
