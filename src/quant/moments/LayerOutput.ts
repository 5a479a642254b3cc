import { decibels, toNumber } from '../../core/measure/Decibels';
import type { LayerOutputError } from '../../core/measure/errors';
import { meanSquares, outputError, outputSignal, type Moments } from './outputError';
import { tapBias, tapRows } from './tapRows';

/** How the rows of a weight multiply what its layer reads. */
export interface OutputShape {
  /** Matrices in the weight, see `tapRows`; null if it is one for each group. */
  readonly taps: number | null;
  /** One number for each output channel; null for none. */
  readonly bias: Float32Array | null;
}

/** The output of a layer, whose error follows from that of its weights. */
export class LayerOutput {
  private readonly signal: Float64Array;

  /**
   * @param weights row after row, a row being the weights of an output channel
   * @param moments of what the layer reads
   * @throws UserError if moments and weights do not fit
   */
  constructor(
    weights: Float32Array,
    private readonly moments: Moments,
    private readonly shape: OutputShape,
  ) {
    const { taps, bias } = shape;
    this.signal = outputSignal(
      this.outputs(weights),
      bias && taps !== null ? tapBias(bias, taps) : bias,
      moments,
    );
  }

  /** Layer output error. @param errors of the weights, row after row */
  error(errors: Float32Array): LayerOutputError {
    // Of weights that are all kept, outputs are as well, whatever the layer reads.
    if (errors.every((error) => error === 0)) return { sqnrDb: 'exact', exact: true };
    return outputError(this.signal, this.noise(errors), this.moments);
  }

  /** SQNR of each output channel, see `toNumber`. @param errors of the weights, row after row */
  channelSqnrDb(errors: Float32Array): Float32Array {
    const noise = this.noise(errors);
    const taps = this.shape.taps ?? 1;
    return Float32Array.from({ length: noise.length / taps }, (_, channel) => {
      const rows = [channel * taps, (channel + 1) * taps] as const;
      return toNumber(decibels(sumOf(this.signal, rows), sumOf(noise, rows), 'exact'));
    });
  }

  /** Mean squared error of each output, in the order of `tapRows` where there are taps. */
  noise(errors: Float32Array): Float64Array {
    return meanSquares(this.outputs(errors), this.moments);
  }

  private outputs(rows: Float32Array): Float32Array {
    const { groups, perGroup } = this.moments;
    const { taps } = this.shape;
    return taps === null ? rows : tapRows(rows, groups, perGroup, taps);
  }
}

function sumOf(values: Float64Array, [start, end]: readonly [number, number]): number {
  return values.subarray(start, end).reduce((sum, value) => sum + value, 0);
}
