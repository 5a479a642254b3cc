/** Indices of `samples` out of `count`, evenly over all of them, as neighbours are often alike. */
export function evenlySpaced(samples: number, count: number): number[] {
  return Array.from({ length: samples }, (_, i) => Math.floor((i * count) / samples));
}
