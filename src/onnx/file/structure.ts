/** The structure of a model file: all of it but the elements of large tensors, which stay where they are. */
import { ScalarType, toBinary, create, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, TensorProtoSchema } from 'onnx-buf';
import type { ByteSource } from '../../base/ByteSource';
import { UserError } from '../../base/UserError';
import { editTensors } from './editTensors';
import { externalFields, OWN_FILE } from './externalData';
import { bytesPiece, joined, sourcePiece, type Piece } from './pieces';
import { WireType, type WireField, type WireReader } from './WireReader';

/** Tensors of fewer bytes are read with the structure: shapes, scales, small biases. */
export const MIN_RANGE = 2 ** 16;
/** Memory that a parsed structure may take; that of a model with 150,000 layers takes half of it. */
const MAX_PARSED = 2 ** 30;

const FIELD = TensorProtoSchema.field;
/** The fields that hold elements (onnx.proto, TensorProto). */
const ELEMENTS: ReadonlySet<number> = new Set(
  [FIELD.rawData, FIELD.floatData, FIELD.doubleData, FIELD.int32Data, FIELD.int64Data, FIELD.uint64Data]
    .concat(FIELD.stringData)
    .map(({ number }) => number),
);
/** Packed lists that lie in the file just as raw data of their type do. */
const LIKE_RAW: Readonly<Record<number, number>> = {
  [DataType.FLOAT]: FIELD.floatData.number,
  [DataType.DOUBLE]: FIELD.doubleData.number,
};

/**
 * Reads a serialized ModelProto without the elements of its large tensors: these refer to their bytes in the file (`OWN_FILE`) in the same
 * way as those with external data.
 * @param minRange bytes from which a tensor is large
 * @returns a serialized ModelProto
 * @throws WireError if the bytes are no protobuf message
 * @throws UserError if parsing them would take more memory than any real model's structure
 */
export function readStructure(
  source: ByteSource,
  path: string,
  minRange = MIN_RANGE,
): Uint8Array<ArrayBuffer> {
  let parsed = 0;
  const pieces = editTensors(source, {
    edit: (reader, from, to) => (to - from < minRange ? null : withRange(reader, from, to, minRange)),
    visit: (desc, field) => {
      parsed += parsedBytes(desc, field);
      if (parsed > MAX_PARSED)
        throw new UserError(
          `${path} has more nodes, attributes and lists than any real model: reading them would take more than 1 GiB of memory.`,
        );
    },
  });
  return joined(pieces);
}

/** The tensor with a reference to its elements in place of these; null if they are not in one run of bytes as raw data are. */
function withRange(reader: WireReader, from: number, to: number, minRange: number): Piece[] | null {
  let [type, external] = [0, false];
  const elements: WireField[] = [];
  for (const field of reader.fields(from, to)) {
    if (field.number === FIELD.dataType.number) type = field.value;
    if (field.number === FIELD.dataLocation.number) external = field.value !== 0;
    if (ELEMENTS.has(field.number)) elements.push(field);
  }
  const [field, ...more] = elements;
  if (external || !field || more.length > 0 || field.type !== WireType.bytes) return null;
  const length = field.end - field.start;
  if (length < minRange || (field.number !== FIELD.rawData.number && field.number !== LIKE_RAW[type]))
    return null;
  const reference = create(TensorProtoSchema, externalFields(OWN_FILE, field.start, length));
  return [
    sourcePiece(reader.source, from, field.at),
    bytesPiece(toBinary(TensorProtoSchema, reference)),
    sourcePiece(reader.source, field.end, to),
  ];
}

/** About how much memory a field takes once it is parsed, as measured with protobuf-es 2.17 in V8: some, and some for each of its bytes. */
interface Cost {
  readonly field: number;
  readonly byte: number;
}

const MESSAGE: Cost = { field: 400, byte: 0 };
const UNKNOWN: Cost = { field: 100, byte: 1 };
const STRING: Cost = { field: 20, byte: 2 };
const BYTES: Cost = { field: 110, byte: 1 };
/** Of a number or a list of them; of a BigInt each. */
const BIG: Cost = { field: 32, byte: 32 };
const INTEGER: Cost = { field: 8, byte: 10 };
const FLOAT: Cost = { field: 8, byte: 3 };

const costs = new Map<DescMessage, ReadonlyMap<number, Cost>>();

function parsedBytes(desc: DescMessage, { number, type, start, end }: WireField): number {
  let known = costs.get(desc);
  if (!known) costs.set(desc, (known = new Map(desc.fields.map((field) => [field.number, costOf(field)]))));
  const { field, byte } = known.get(number) ?? UNKNOWN;
  return type === WireType.bytes ? field + byte * (end - start) : field;
}

function costOf(field: DescField): Cost {
  if (field.message) return MESSAGE;
  switch (field.scalar) {
    case ScalarType.STRING:
      return STRING;
    case ScalarType.BYTES:
      return BYTES;
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return BIG;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return FLOAT;
    default:
      return INTEGER;
  }
}
