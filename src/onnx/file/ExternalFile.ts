import type { TensorProto } from 'onnx-buf';
import { pointingTo } from './externalData';

/** Lets readers map tensors into memory (ONNX documentation, "External Data"). */
const ALIGNMENT = 4096;

/** An external data file that is yet to be written. */
export class ExternalFile {
  private readonly parts: { readonly offset: number; readonly bytes: () => Uint8Array }[] = [];
  private end = 0;

  /** @param location its name beside the model */
  constructor(readonly location: string) {}

  /**
   * Plans where a tensor's bytes go.
   * @param bytes reads the tensor when the file is written
   * @returns the tensor as the model refers to it
   */
  add(tensor: TensorProto, length: number, bytes: () => Uint8Array): TensorProto {
    const offset = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.parts.push({ offset, bytes });
    this.end = offset + length;
    return pointingTo(tensor, this.location, offset, length);
  }

  /** Pieces of the file in order; one tensor at a time is in memory. */
  *chunks(): Generator<Uint8Array> {
    let written = 0;
    for (const { offset, bytes } of this.parts) {
      if (offset > written) yield new Uint8Array(offset - written);
      const piece = bytes();
      yield piece;
      written = offset + piece.length;
    }
  }
}
