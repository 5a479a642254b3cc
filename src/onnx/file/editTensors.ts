/** Changes tensors of a serialized model without reading the others: messages around them are copied, with new lengths. */
import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ModelProtoSchema, TensorProtoSchema } from 'onnx-buf';
import type { ByteSource } from '../../base/ByteSource';
import { bytesPiece, lengthOf, sourcePiece, type Piece } from './pieces';
import { WireError, WireReader, WireType, type WireField } from './WireReader';

/** Messages in each other that the parser takes. */
const MAX_DEPTH = 100;

export interface TensorEdit {
  /** The tensor that lies from `from` to `to` as it is to be; null for as it is. */
  edit(reader: WireReader, from: number, to: number): readonly Piece[] | null;
  /** Called for each field of each message that is kept; may throw to stop. */
  visit?(desc: DescMessage, field: WireField): void;
}

/**
 * A serialized ModelProto with other tensors.
 * @throws WireError if its bytes are no protobuf message
 */
export function editTensors(source: ByteSource, edit: TensorEdit): readonly Piece[] {
  const reader = new WireReader(source);
  return (
    editMessage(reader, ModelProtoSchema, 0, source.length, edit, 1) ?? [
      sourcePiece(source, 0, source.length),
    ]
  );
}

/** Null if nothing changes. */
function editMessage(
  reader: WireReader,
  desc: DescMessage,
  from: number,
  to: number,
  tensors: TensorEdit,
  depth: number,
): readonly Piece[] | null {
  if (depth > MAX_DEPTH) throw new WireError('too deep');
  if (desc === TensorProtoSchema) {
    const edited = tensors.edit(reader, from, to);
    if (edited) return edited;
  }
  const inner = messagesIn(desc);
  const pieces: Piece[] = [];
  let copied = from;
  for (const field of reader.fields(from, to)) {
    tensors.visit?.(desc, field);
    const message = inner.get(field.number);
    if (!message) continue;
    if (field.type !== WireType.bytes) throw new WireError('invalid');
    const edited = editMessage(reader, message, field.start, field.end, tensors, depth + 1);
    if (!edited) continue;
    if (copied < field.at) pieces.push(sourcePiece(reader.source, copied, field.at));
    pieces.push(...asField(field.number, edited));
    copied = field.end;
  }
  if (pieces.length === 0) return null;
  if (copied < to) pieces.push(sourcePiece(reader.source, copied, to));
  return pieces;
}

/** A field with a length of its own, as messages and bytes are. */
export function asField(number: number, content: readonly Piece[]): readonly Piece[] {
  const head = new BinaryWriter().tag(number, WireType.bytes).uint32(lengthOf(content)).finish();
  return [bytesPiece(head), ...content];
}

const inner = new Map<DescMessage, ReadonlyMap<number, DescMessage>>();

/** The fields of a message that are messages, or lists of them. */
function messagesIn(desc: DescMessage): ReadonlyMap<number, DescMessage> {
  let fields = inner.get(desc);
  if (!fields) {
    fields = new Map(
      desc.fields.flatMap(({ number, message }) => (message ? [[number, message] as const] : [])),
    );
    inner.set(desc, fields);
  }
  return fields;
}
