import { UserError } from '../../base/UserError';
import { allFinite } from './allFinite';
import { copyPatch } from '../conv/copyPatch';
import { copyPatches } from '../conv/copyPatches';
import { positionCount, type ConvGeometry } from '../conv/ConvGeometry';

/** A layer's input in one sample, seen as vectors x: one for each position at which the layer multiplies its weights by inputs. */
export interface PatchSource {
  /** How many vectors. */
  readonly positions: number;
  /** Elements of a vector: of all groups together. */
  readonly inputs: number;
  /** Writes a vector to `target` from `at` on. */
  copy(position: number, target: Float32Array, at: number): void;
  /** Whether no vector can have a NaN or infinity. */
  readonly finite: boolean;
  /**
   * Writes `count` elements of several vectors from element `first` on, which begin with a channel's: [position][count].
   * @param positions ascending
   */
  copyPart(positions: readonly number[], first: number, count: number, target: Float32Array): void;
}

/**
 * The patches of a convolution's input: [channels][kernel], in the order of its weights.
 * @param input [batch][channels][height][width]
 * @throws UserError if the input is not of the geometry's size
 */
export function convPatches(geometry: ConvGeometry, input: Float32Array): PatchSource {
  const { batch, channels, down, across } = geometry;
  requireLength(input, batch * channels * down.input * across.input);
  return {
    positions: positionCount(geometry),
    inputs: channels * down.kernel * across.kernel,
    copy: (position, target, at) => copyPatch(geometry, input, position, 0, target, at),
    finite: allFinite(input),
    copyPart: (positions, first, count, target) => {
      const kernel = down.kernel * across.kernel;
      copyPatches(geometry, input, positions, first / kernel, count / kernel, target);
    },
  };
}

/**
 * The vectors of a matrix that is multiplied by a weight (MatMul, Gemm; the channels of a ConvTranspose's pixels are columns).
 * @param input [rows][inputs], or where the vectors are its columns (Gemm with transA, MatMul with the weight on the left) [batch][inputs][columns]
 * @param columns null if the vectors are the rows
 * @throws UserError if the input is not a whole number of vectors
 */
export function matrixPatches(
  input: Float32Array,
  inputs: number,
  columns: number | null = null,
): PatchSource {
  const unit = inputs * (columns ?? 1);
  if (!(unit > 0 && Number.isInteger(input.length / unit)))
    throw new UserError(`A layer's input of ${input.length} elements is not made of vectors of ${inputs}.`);
  const across = columns ?? 1;
  return {
    positions: input.length / inputs,
    inputs,
    copy(position, target, at) {
      const from = Math.floor(position / across) * unit + (position % across);
      for (let i = 0; i < inputs; i++) target[at + i] = input[from + i * across]!;
    },
    finite: allFinite(input),
    copyPart(positions, first, count, target) {
      const starts = positions.map((position) => Math.floor(position / across) * unit + (position % across));
      // Input by input: neighbouring positions lie next to each other, those of one vector far apart.
      for (let i = 0; i < count; i++)
        for (let v = 0; v < starts.length; v++)
          target[v * count + i] = input[starts[v]! + (first + i) * across]!;
    },
  };
}

function requireLength(input: Float32Array, count: number): void {
  if (input.length !== count)
    throw new UserError(`A convolution's input has ${input.length} elements instead of ${count}.`);
}
