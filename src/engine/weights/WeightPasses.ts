import type { Granularity } from '../../core/scheme/SchemeSpec';
import { wholeTensor, type GroupStats } from '../../quant/GroupStats';
import { groupsOf, type Groups } from '../../quant/Groups';
import type { Quantizer, TableQuantizer } from '../../quant/Quantizer';
import type { WeightSource } from '../../quant/WeightSource';
import { runs } from './loops/runs';
import { vectorsIn } from './loops/vector';
import type { Weight } from './Weight';
import { type WeightKernel } from './WeightKernel';
import { ERROR_STATS, unitsPerRow } from './errorStats';
import type { Block } from './Block';

/** Answers a scheme's questions about one weight, each by a pass of the kernel over its blocks. */
export class WeightPasses implements WeightSource {
  readonly rows: number;
  readonly cols: number;
  private readonly cached = new Map<Granularity, GroupStats>();

  /** @param channelStats statistics of the weight's channels, whose weights are all finite */
  constructor(
    private readonly weightKernel: WeightKernel,
    readonly weight: Weight,
    channelStats: GroupStats,
  ) {
    this.rows = channelStats.groups.rows;
    this.cols = channelStats.groups.cols;
    this.cached.set('channel', channelStats);
  }

  /** The weights, block after block. */
  blocks(): Generator<Block> {
    return this.weightKernel.blocks(this.weight);
  }

  stats(granularity: Granularity): GroupStats {
    let stats = this.cached.get(granularity);
    if (!stats) {
      const groups = groupsOf(this.rows, this.cols, granularity);
      stats = granularity === 'tensor' ? wholeTensor(this.stats('channel'), groups) : this.groupStats(groups);
      this.cached.set(granularity, stats);
    }
    return stats;
  }

  private groupStats(groups: Groups): GroupStats {
    return groupStats(this.weightKernel, this.weight, groups) ?? this.stats('channel');
  }

  noise(quantizer: Quantizer): Float64Array {
    const { groups } = quantizer;
    const noise = new Float64Array(groups.count);
    const units = unitsPerRow(groups);
    for (const block of this.blocks()) {
      const stats = this.weightKernel.quantize(block, quantizer);
      const first = groups.perRow === 0 ? 0 : block.row * units;
      for (let unit = 0; unit < block.rows * units; unit++)
        noise[groups.perRow === 0 ? 0 : first + unit]! += stats[unit * ERROR_STATS]!;
    }
    return noise;
  }

  histogram(lo: number, hi: number, bins: number): Uint32Array {
    const counts = new Uint32Array(bins);
    for (const block of this.blocks())
      this.weightKernel.histogram(block, 0, block.rows * block.cols, lo, hi, counts);
    return counts;
  }

  eachGroup({ perRow, size }: Groups, visit: (group: number, weights: Float32Array) => void): void {
    if (perRow === 0) throw new Error('A whole tensor is not handed over at once.');
    for (const block of this.blocks()) {
      const weights = this.weightKernel.weights(block);
      for (let unit = 0; unit < block.rows * perRow; unit++) {
        const start = Math.floor(unit / perRow) * this.cols;
        const from = (unit % perRow) * size;
        visit(
          block.row * perRow + unit,
          weights.subarray(start + from, start + Math.min(from + size, this.cols)),
        );
      }
    }
  }

  codeSums(quantizer: TableQuantizer): { sums: Float64Array; counts: Uint32Array } {
    const { count, entries, groups } = quantizer;
    const sums = new Float64Array(entries.length);
    const counts = new Uint32Array(entries.length);
    const add = (block: Block, start: number, length: number, table: number) => {
      const [from, to] = [table * count, (table + 1) * count];
      this.weightKernel.tally(
        block,
        quantizer,
        start,
        length,
        counts.subarray(from, to),
        sums.subarray(from, to),
      );
    };
    for (const block of this.blocks()) {
      this.weightKernel.quantize(block, quantizer, { codes: true });
      if (groups.perRow === 0) add(block, 0, block.rows * block.cols, 0);
      else for (let r = 0; r < block.rows; r++) add(block, r * block.cols, block.cols, block.row + r);
    }
    return { sums, counts };
  }

  nearestEntries(
    { dimension, parts, part }: { dimension: number; parts: number; part: number },
    codebook: Float32Array,
    entries: number,
  ): { distortion: number; sums: Float64Array; counts: Uint32Array } {
    const { weightKernel } = this;
    const { kernel, memory } = weightKernel;
    const size = dimension / parts;
    const length = entries * size;
    const sums = new Float64Array(length);
    const counts = new Uint32Array(entries);
    let distortion = 0;
    for (const block of this.blocks()) {
      const sumArea = weightKernel.reserveScratch(length * 12 + entries * 4);
      const [book, countArea] = [sumArea + length * 8, sumArea + length * 12];
      memory.float64(sumArea, length).set(sums);
      memory.float32(book, length).set(codebook.subarray(0, length));
      memory.uint32(countArea, entries).set(counts);
      distortion += kernel.nearestEntries(
        ...([block.pointer + part * size * 4, vectorsIn(block, dimension), dimension, size] as const),
        ...([book, entries, weightKernel.spare.codes, 1, sumArea, countArea] as const),
      );
      sums.set(memory.float64(sumArea, length));
      counts.set(memory.uint32(countArea, entries));
    }
    return { distortion, sums, counts };
  }
}

/** Statistics of each group; null if any weight is NaN or infinite. */
export function groupStats(weightKernel: WeightKernel, weight: Weight, groups: Groups): GroupStats | null {
  const column = () => new Float64Array(groups.count);
  const stats = { groups, min: column(), max: column(), sumAbs: column(), sumSquares: column() };
  for (const block of weightKernel.blocks(weight)) {
    for (const { start, unit, rows, cols } of runs(block, groups)) {
      const range = weightKernel.range(block.pointer + start * 4, rows, cols);
      if (!range) return null;
      for (let r = 0; r < rows; r++) {
        const group = block.row * groups.perRow + unit + r;
        stats.min[group] = range[4 * r]!;
        stats.max[group] = range[4 * r + 1]!;
        stats.sumAbs[group] = range[4 * r + 2]!;
        stats.sumSquares[group] = range[4 * r + 3]!;
      }
    }
  }
  return stats;
}
