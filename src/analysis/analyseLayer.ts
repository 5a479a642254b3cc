import type { LayerAnalysis } from '../shared/measures';
import type { QuantizingSchemeId } from '../shared/scheme';
import { SCHEMES } from '../quant/Scheme';
import { ErrorAccumulator } from './ErrorAccumulator';
import { rowStats } from './rowStats';
import type { Weight } from './Weight';
import type { Workbench } from './Workbench';

const SPARKLINE_BINS = 32;

/**
 * Weight error of one layer under every scheme, in two passes over its weights.
 * @param pause called between blocks; may throw to stop
 */
export async function analyseLayer(
  bench: Workbench,
  name: string,
  weight: Weight,
  schemes: readonly QuantizingSchemeId[],
  pause: () => Promise<void>,
): Promise<LayerAnalysis> {
  const stats = rowStats(bench, weight);
  if ('problem' in stats) return { name, sparkline: [], schemes: {}, problem: stats.problem };
  const fitted = schemes.map((id) => ({
    id,
    quantizer: SCHEMES[id](stats),
    errors: new ErrorAccumulator(),
  }));
  const { lo, hi } = histogramRange(stats);
  const sparkline = new Uint32Array(SPARKLINE_BINS);
  for (const block of bench.blocks(weight)) {
    bench.histogram(0, block.rows * block.cols, lo, hi, sparkline);
    for (const { quantizer, errors } of fitted) errors.add(bench.quantize(block, quantizer));
    await pause();
  }
  const results = fitted.map(({ id, quantizer, errors }) => [id, errors.result(stats, quantizer)] as const);
  return { name, sparkline: [...sparkline], schemes: Object.fromEntries(results), problem: null };
}

/** Ends of a histogram that holds all weights; of equal weights, something around them. */
export function histogramRange(stats: { min: Float64Array; max: Float64Array }): { lo: number; hi: number } {
  const lo = stats.min.reduce((a, b) => Math.min(a, b), Infinity);
  const hi = stats.max.reduce((a, b) => Math.max(a, b), -Infinity);
  if (lo < hi) return { lo, hi };
  const around = Math.max(Math.abs(lo), 1e-3);
  return Number.isFinite(lo) ? { lo: lo - around, hi: lo + around } : { lo: -1, hi: 1 };
}
