/** Serializes models without their large tensors in memory: these are parked outside of the message, and come in when it is written. */
import { clearField, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProtoSchema, type ModelProto, type TensorProto } from 'onnx-buf';
import { memoryBytes } from '../../base/ByteSource';
import { asField, editTensors } from '../file/editTensors';
import { externalFields, externalRange, isExternal, OWN_FILE } from '../file/externalData';
import { sourcePiece, type Piece } from '../file/pieces';
import { copyTensor } from '../file/protos';
import type { WireReader } from '../file/WireReader';

const FIELD = TensorProtoSchema.field;
/** The fields that say where a parked tensor is. */
const PARKING: ReadonlySet<number> = new Set([FIELD.externalData.number, FIELD.dataLocation.number]);

/** Tensors that are to come into a model when it is written. */
export class ParkedTensors {
  private readonly elements: Piece[] = [];

  /** The tensor as the model has it meanwhile. */
  park(tensor: TensorProto, elements: Piece): TensorProto {
    const parked = copyTensor(tensor, externalFields(OWN_FILE, this.elements.length, 0));
    clearField(parked, FIELD.rawData);
    this.elements.push(elements);
    return parked;
  }

  /** A model that holds parked tensors, serialized with what they stand for as raw data. */
  serialize(model: ModelProto): readonly Piece[] {
    const bytes = toBinary(ModelProtoSchema, model);
    return editTensors(memoryBytes(bytes), {
      edit: (reader, from, to) => {
        const tensor = parkedTensor(reader, bytes, from, to);
        return tensor && this.withElements(reader, from, to, externalRange(tensor).offset);
      },
    });
  }

  private withElements(reader: WireReader, from: number, to: number, index: number): Piece[] {
    const pieces: Piece[] = [];
    for (const field of reader.fields(from, to))
      if (!PARKING.has(field.number)) pieces.push(sourcePiece(reader.source, field.at, field.end));
    return [...pieces, ...asField(FIELD.rawData.number, [this.elements[index]!])];
  }
}

/** Null for a tensor that is not parked. */
function parkedTensor(reader: WireReader, bytes: Uint8Array, from: number, to: number): TensorProto | null {
  for (const { number } of reader.fields(from, to)) {
    if (number !== FIELD.dataLocation.number) continue;
    const tensor = fromBinary(TensorProtoSchema, bytes.subarray(from, to));
    const parked = isExternal(tensor) && tensor.externalData.some(({ value }) => value === OWN_FILE);
    return parked ? tensor : null;
  }
  return null;
}
