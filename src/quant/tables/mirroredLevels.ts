/** Positive levels, their negatives and zero, ascending, each once. */
export function mirroredLevels(positive: readonly number[]): Float32Array {
  const levels = new Set([0, ...positive, ...positive.map((level) => -level)].map(Math.fround));
  return Float32Array.from([...levels].filter((level) => !Object.is(level, -0))).sort();
}
