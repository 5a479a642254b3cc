import { create } from '@bufbuild/protobuf';
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type TensorProto,
} from 'onnx-buf';

/** Lets readers map tensors into memory (ONNX documentation, "External Data"). */
const ALIGNMENT = 4096;

/** An external data file that is yet to be written. */
export class ExternalFile {
  private readonly parts: { readonly offset: number; readonly bytes: () => Uint8Array }[] = [];
  private readonly tensors = new Set<TensorProto>();
  private end = 0;

  /** @param location its name beside the model */
  constructor(readonly location: string) {}

  holds(tensor: TensorProto): boolean {
    return this.tensors.has(tensor);
  }

  /**
   * Plans a place for a tensor.
   * @param bytes reads the tensor when the file is written
   * @returns its offset
   */
  add(tensor: TensorProto, length: number, bytes: () => Uint8Array): number {
    const offset = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.parts.push({ offset, bytes });
    this.tensors.add(tensor);
    this.end = offset + length;
    return offset;
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

/** Makes a tensor refer to bytes in an external file (onnx.proto, TensorProto.external_data). */
export function pointTo(tensor: TensorProto, location: string, offset: number, length: number): void {
  const fields = Object.entries({ location, offset: String(offset), length: String(length) });
  tensor.rawData = new Uint8Array(0);
  tensor.dataLocation = DataLocation.EXTERNAL;
  tensor.externalData = fields.map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
}
