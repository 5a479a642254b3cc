import { nearestPlane } from '../../../src/quant/rounding/nearestPlane';
import type { PanelLevels } from '../../../src/quant/rounding/Panel';

/** Rounds a panel, see `Kernel.roundToSteps`. @param panel targets, values and errors */
export function roundPanel(
  panel: readonly Float32Array[],
  rows: number,
  shares: Float32Array,
  levels: Omit<PanelLevels, 'groups'>,
): void {
  const [targets, values, errors] = panel as [Float32Array, Float32Array, Float32Array];
  const count = targets.length / rows;
  const block = { start: 0, count, order: new Int32Array(count), shares, pivots: new Float64Array(count) };
  const panelLevels = { ...levels, groups: new Int32Array(0) };
  nearestPlane({ block: { ...block, damping: 0 }, rows, targets, values, errors, levels: panelLevels });
}

/** Units that positions have. */
export function unitsIn(units: Int32Array): number {
  return units.reduce((most, unit) => Math.max(most, unit + 1), 1);
}
