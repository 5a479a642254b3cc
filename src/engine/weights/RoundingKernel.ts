import type { Kernel } from '../../kernel/Kernel';
import { KernelMemory } from '../../kernel/KernelMemory';
import type { FactorBlock } from '../../quant/rounding/FactorBlock';
import type { Panel } from '../../quant/rounding/Panel';
import type { RoundingLoops } from '../../quant/rounding/RoundingLoops';
import type { LoadKernel } from './WeightKernel';

/** Columns' worth of float64 numbers that `factorize` needs beside its matrix. */
const SCRATCH = 128;

/** The loops of rounding in the kernel, with a memory of their own. */
export class RoundingKernel implements RoundingLoops {
  /** The factor in memory, and what lies behind it. */
  private held: { readonly block: FactorBlock; readonly shares: number; areas: PanelAreas | null } | null =
    null;

  private constructor(
    private readonly kernel: Kernel,
    private readonly memory: KernelMemory,
  ) {}

  static async create(loadKernel: LoadKernel): Promise<RoundingKernel> {
    const memory = new KernelMemory();
    return new RoundingKernel(await loadKernel(memory.memory), memory);
  }

  factorize(matrix: Float64Array, count: number): boolean {
    const { kernel, memory } = this;
    this.held = null;
    memory.reset();
    const area = memory.reserve(matrix.byteLength);
    const scratch = memory.reserve(SCRATCH * (count + 3) * 8);
    memory.float64(area, matrix.length).set(matrix);
    const found = kernel.factorize(area, count, scratch) !== 0;
    matrix.set(memory.float64(area, matrix.length));
    return found;
  }

  nearestPlane(panel: Panel): void {
    const { kernel, memory } = this;
    const { block, rows, targets, values, errors, levels } = panel;
    const { numbers } = levels;
    const { shares, areas } = this.hold(panel);
    memory.float32(areas.targets, targets.length).set(targets);
    memory.int32(areas.units, levels.units.length).set(levels.units);
    memory.float32(areas.scales, levels.scales.length).set(levels.scales);
    const common = [
      ...([areas.targets, areas.values, areas.errors, rows, block.count] as const),
      ...([shares, areas.units, areas.scales] as const),
    ] as const;
    const [first, second] =
      numbers.kind === 'steps' ? [numbers.lowest, numbers.highest] : [numbers.levels, numbers.thresholds];
    memory.float32(areas.first, first.length).set(first);
    memory.float32(areas.second, second.length).set(second);
    if (numbers.kind === 'steps') kernel.roundToSteps(...common, areas.first, areas.second);
    else {
      const stride = first.length === numbers.count ? 0 : numbers.count;
      kernel.roundToTable(...common, areas.first, areas.second, numbers.count, stride);
    }
    targets.set(memory.float32(areas.targets, targets.length));
    values.set(memory.float32(areas.values, values.length));
    errors.set(memory.float32(areas.errors, errors.length));
  }

  /** The factor's place and those of a panel; made anew only for another factor or a larger panel. */
  private hold({ block, targets, levels }: Panel): { shares: number; areas: PanelAreas } {
    const { memory } = this;
    if (this.held?.block !== block) {
      memory.reset();
      const shares = memory.reserve(block.shares.byteLength);
      memory.float32(shares, block.shares.length).set(block.shares);
      this.held = { block, shares, areas: null };
    }
    const { numbers, units, scales } = levels;
    const table = numbers.kind === 'steps' ? numbers.lowest : numbers.levels;
    const bytes = [targets, units, scales, table].map(({ byteLength }) => byteLength);
    if (!this.held.areas || bytes.some((size, i) => size > this.held!.areas!.bytes[i]!))
      this.held.areas = reserve(memory, bytes);
    return { shares: this.held.shares, areas: this.held.areas };
  }
}

interface PanelAreas {
  /** Of targets, units, scales and tables. */
  readonly bytes: readonly number[];
  readonly targets: number;
  readonly values: number;
  readonly errors: number;
  readonly units: number;
  readonly scales: number;
  readonly first: number;
  readonly second: number;
}

function reserve(memory: KernelMemory, bytes: readonly number[]): PanelAreas {
  const [targets, units, scales, table] = bytes as [number, number, number, number];
  return {
    bytes,
    targets: memory.reserve(targets),
    values: memory.reserve(targets),
    errors: memory.reserve(targets),
    units: memory.reserve(units),
    scales: memory.reserve(scales),
    first: memory.reserve(table),
    second: memory.reserve(table),
  };
}
