/**
 * A quantized tensor as it is stored. The value of an element with code `c` in channel `k` is
 * `fround((table ? table[c] : c - zeroPoints[k]) * scales[k])`: one float32 multiplication, so that every runtime
 * that follows ONNX DequantizeLinear gives the same bits.
 */
export interface EncodedTensor {
  /** Bits that one code takes on disk. */
  readonly bits: 1 | 4 | 8;
  /** Whether codes are two's complement. Only codes without a table can be. */
  readonly signed: boolean;
  /** One code per byte, in the element order of the tensor (not packed); signed codes as their low 8 bits. */
  readonly codes: Uint8Array;
  /** 2^bits values that the codes index; null if a code is a number itself. */
  readonly table: Float32Array | null;
  /** One per channel, or a single one for the tensor. */
  readonly scales: Float32Array;
  /** One per scale; null if all are zero. */
  readonly zeroPoints: Uint8Array | null;
}
