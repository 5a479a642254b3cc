/** A quantized tensor as it is stored. */
export type EncodedTensor = EncodedScalars | EncodedVectors;

/**
 * One code per weight. The value of a weight is `fround(number * scale)`: one float32 multiplication, so that every runtime that follows ONNX
 * DequantizeLinear gives the same bits. Without scales it is the number itself.
 */
export interface EncodedScalars {
  readonly kind: 'scalars';
  /** Bits that one code takes on disk: 1 to 8, or 16. */
  readonly bits: number;
  /** In the element order of the tensor, not packed; signed codes as their low 8 or 16 bits. */
  readonly codes: Uint8Array | Uint16Array;
  readonly numbers: CodeNumbers;
  /** Null if there are none. */
  readonly scales: EncodedScales | null;
}

/** The number that a code stands for, before it is scaled. */
export type CodeNumbers =
  /** The code less the group's zero point; signed codes are two's complement. Zero points are codes, one per scale; null if all are 0. */
  | {
      readonly kind: 'integer';
      readonly signed: boolean;
      readonly zeroPoints: Uint8Array | Uint16Array | null;
    }
  /** The bits of a floating-point number. */
  | {
      readonly kind: 'float';
      readonly format: 'fp4' | 'fp6e2m3' | 'fp6e3m2' | 'fp8e4m3' | 'fp8e5m2' | 'fp16' | 'bf16';
    }
  /** An index into a table, of which `entries` holds one, or one for each channel, each of 2^bits numbers (unused ones are 0). */
  | {
      readonly kind: 'table';
      readonly entries: Float32Array;
      /** Whether the table is the tensor's own and counts among its bits; else it is shared by all tensors of the scheme. */
      readonly own: boolean;
    };

/** One scale for the tensor, for each channel, or for each block of a channel, channel by channel. */
export interface EncodedScales {
  /** Float32, or powers of two as E8M0: the exponent plus 127 in a byte. */
  readonly values: Float32Array | Uint8Array;
  /**
   * Weights in a block, consecutive in a channel's weights (outer index first, see `ChannelLayout`); the last block of a channel may be short.
   * Null for scales per tensor or channel.
   */
  readonly block: number | null;
}

/**
 * Vectors of neighbouring weights, in channel-major order (channel by channel, each outer index first, see `ChannelLayout`), crossing from one channel
 * into the next; the last vector is filled up with what is thrown away.
 */
export interface EncodedVectors {
  readonly kind: 'vectors';
  readonly dimension: number;
  readonly parts: number;
  /** Bits that one code takes on disk, 1 to 8. */
  readonly bits: number;
  /** [vectors][parts], not packed. */
  readonly codes: Uint8Array;
  /** [parts][entries][dimension / parts] */
  readonly codebooks: Float32Array;
  readonly entries: number;
}
