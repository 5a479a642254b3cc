import type { FactorBlock } from './FactorBlock';

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
  /** [rows]: added to is the error d (E[x xT] + damping) dT of each row d. */
  readonly losses: Float64Array;
}

/** The levels of each weight: of position p and row r, those at `units[p] * rows + r`. */
export interface PanelLevels {
  readonly units: Int32Array;
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
