import { TensorProto_DataType as DataType, type TensorProto } from 'onnx-buf';

/** First IR version in which initializers need not be inputs as well (ONNX IR specification, version 4). */
export const IR_WITH_PLAIN_INITIALIZERS = 4n;

/** First IR versions with element types that came later (onnx.proto, enum Version). */
const FIRST_IR: Readonly<Record<number, bigint>> = {
  [DataType.FLOAT8E4M3FN]: 9n,
  [DataType.FLOAT8E5M2]: 9n,
  [DataType.INT4]: 10n,
  [DataType.UINT4]: 10n,
};

/** The IR version that a model needs which holds these tensors. */
export function leastIrVersion(tensors: readonly TensorProto[]): bigint {
  return tensors.reduce((version, { dataType }) => {
    const first = FIRST_IR[dataType] ?? 0n;
    return first > version ? first : version;
  }, 0n);
}
