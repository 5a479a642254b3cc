import type { Row } from './quantizeRows';

/** Levels from a table: see `Kernel.tableRows`. The row's thresholds and entries begin at `base`. */
export function tableRow(
  { weights, values, codes, first, cols }: Row,
  scale: number,
  thresholds: Float32Array,
  entries: Float32Array,
  base: number,
  count: number,
): void {
  for (let i = first; i < first + cols; i++) {
    const code = thresholdsPassed(Math.fround(weights[i]! / scale), thresholds, base, count - 1);
    values[i] = entries[base + code]! * scale;
    if (values[i] === 0) values[i] = 0;
    if (codes) codes[i] = code;
  }
}

/** How many of `count` ascending thresholds from `base` on are at or below y. */
function thresholdsPassed(y: number, thresholds: Float32Array, base: number, count: number): number {
  let passed = 0;
  while (count > 0) {
    const half = (count + 1) >> 1;
    if (thresholds[base + passed + half - 1]! <= y) passed += half;
    count -= half;
  }
  return passed;
}
