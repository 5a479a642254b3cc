import type { FactorBlock } from './FactorBlock';

/** The group of weights that are not there. */
export const NO_GROUP = -1;

/** Rows of weights over the inputs of a block, side by side, to be rounded together: arrays are [position][row], see `FactorBlock.order`. */
export interface Panel {
  readonly block: FactorBlock;
  readonly rows: number;
  /** What the rounded weights are to stand for. Overwritten with the targets: each weight with what the errors of those rounded before add to it. */
  readonly targets: Float32Array;
  /** Written: the values that the weights are rounded to. */
  readonly values: Float32Array;
  /** Written: weights less values. */
  readonly errors: Float32Array;
  readonly levels: PanelLevels;
}

/**
 * Returns the error d (E[x xT] + damping) dT of each row d of a panel that has been rounded, by the unit (see `PanelLevels`) where it arises: [unit][row].
 */
export function panelLosses({ block, rows, targets, values, levels }: Panel): Float64Array {
  const losses = new Float64Array(levels.scales.length);
  for (let p = 0; p < block.count; p++) {
    const unit = levels.units[p]! * rows;
    for (let r = 0; r < rows; r++) {
      const left = targets[p * rows + r]! - values[p * rows + r]!;
      losses[unit + r]! += block.pivots[p]! * left * left;
    }
  }
  return losses;
}

/** The levels of each weight: of position p and row r, those at `units[p] * rows + r`. */
export interface PanelLevels {
  readonly units: Int32Array;
  /** [unit][row]: the quantizer's groups; `NO_GROUP` for rows that fill the panel up. */
  readonly groups: Int32Array;
  /** [unit][row] */
  readonly scales: Float32Array;
  readonly numbers:
    | { readonly kind: 'steps'; readonly lowest: Float32Array; readonly highest: Float32Array }
    | {
        readonly kind: 'table';
        /** [count] or [unit][row][count] */
        readonly levels: Float32Array;
        readonly thresholds: Float32Array;
        readonly count: number;
      };
}
