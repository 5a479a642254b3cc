import type { TensorProto } from 'onnx-buf';
import { pointingTo } from './externalData';
import type { Piece } from './pieces';

/** Lets readers map tensors into memory (ONNX documentation, "External Data"). */
const ALIGNMENT = 4096;

/** An external data file that is yet to be written. */
export class ExternalFile {
  private readonly parts: { readonly offset: number; readonly elements: Piece }[] = [];
  private end = 0;

  /** @param location its name beside the model */
  constructor(readonly location: string) {}

  /**
   * Plans where a tensor's elements go.
   * @returns the tensor as the model refers to it
   */
  add(tensor: TensorProto, elements: Piece): TensorProto {
    const offset = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.parts.push({ offset, elements });
    this.end = offset + elements.length;
    return pointingTo(tensor, this.location, offset, elements.length);
  }

  /** Pieces of the file in order, of which one at a time is in memory. */
  *chunks(): Generator<Uint8Array> {
    let written = 0;
    for (const { offset, elements } of this.parts) {
      if (offset > written) yield new Uint8Array(offset - written);
      yield* elements.chunks();
      written = offset + elements.length;
    }
  }
}
