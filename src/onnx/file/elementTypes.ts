import { TensorProto_DataType as DataType } from 'onnx-buf';

interface ElementType {
  readonly name: string;
  readonly bits: number;
}

/** Element types with a fixed size (onnx.proto, TensorProto.DataType). */
const TYPES: Readonly<Record<number, ElementType>> = {
  [DataType.FLOAT]: { name: 'float32', bits: 32 },
  [DataType.UINT8]: { name: 'uint8', bits: 8 },
  [DataType.INT8]: { name: 'int8', bits: 8 },
  [DataType.UINT16]: { name: 'uint16', bits: 16 },
  [DataType.INT16]: { name: 'int16', bits: 16 },
  [DataType.INT32]: { name: 'int32', bits: 32 },
  [DataType.INT64]: { name: 'int64', bits: 64 },
  [DataType.BOOL]: { name: 'bool', bits: 8 },
  [DataType.FLOAT16]: { name: 'float16', bits: 16 },
  [DataType.DOUBLE]: { name: 'float64', bits: 64 },
  [DataType.UINT32]: { name: 'uint32', bits: 32 },
  [DataType.UINT64]: { name: 'uint64', bits: 64 },
  [DataType.COMPLEX64]: { name: 'complex64', bits: 64 },
  [DataType.COMPLEX128]: { name: 'complex128', bits: 128 },
  [DataType.BFLOAT16]: { name: 'bfloat16', bits: 16 },
  [DataType.FLOAT8E4M3FN]: { name: 'float8e4m3fn', bits: 8 },
  [DataType.FLOAT8E4M3FNUZ]: { name: 'float8e4m3fnuz', bits: 8 },
  [DataType.FLOAT8E5M2]: { name: 'float8e5m2', bits: 8 },
  [DataType.FLOAT8E5M2FNUZ]: { name: 'float8e5m2fnuz', bits: 8 },
  [DataType.UINT4]: { name: 'uint4', bits: 4 },
  [DataType.INT4]: { name: 'int4', bits: 4 },
  [DataType.FLOAT4E2M1]: { name: 'float4e2m1', bits: 4 },
  [DataType.FLOAT8E8M0]: { name: 'float8e8m0', bits: 8 },
  [DataType.UINT2]: { name: 'uint2', bits: 2 },
  [DataType.INT2]: { name: 'int2', bits: 2 },
};

const FLOATS = new Set<number>([DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE]);

/** `float32`, `int4` and so on; `string` and unknown types by what is known of them. */
export function elementTypeName(dataType: number): string {
  return TYPES[dataType]?.name ?? (dataType === DataType.STRING ? 'string' : `type ${dataType}`);
}

/** The number that a name of `elementTypeName` stands for in a model; undefined if none. */
export function elementTypeCode(name: string): number | undefined {
  const entry = Object.entries(TYPES).find(([, type]) => type.name === name);
  return entry && Number(entry[0]);
}

/** Bits of one element; null where elements have no fixed size. */
export function elementBits(dataType: number): number | null {
  return TYPES[dataType]?.bits ?? null;
}

/** Whether weights of this type can be quantized. */
export function isFloat(dataType: number): boolean {
  return FLOATS.has(dataType);
}

/** Whether this type is what quantized weights are stored in: at most 16 bits, and no half-precision float. */
export function isQuantizedType(dataType: number): boolean {
  const bits = elementBits(dataType);
  return bits !== null && bits <= 16 && !FLOATS.has(dataType) && dataType !== DataType.BOOL;
}
