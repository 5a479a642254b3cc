import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import { roundHalfToEven } from '../../core/scheme/roundHalfToEven';
import type { ExternalFiles } from '../file/externalData';
import { tensorBytes } from '../file/tensor';
import type { Quantized, QuantizedGraph } from './QuantizedGraph';

/** The codes that a Relu or Clip leaves as they are, both ends included. */
export interface CodeRange {
  readonly least: number;
  readonly greatest: number;
  /** Whether these are all codes that there are, so that quantization clips as well. */
  readonly all: boolean;
}

/**
 * A Relu or Clip of numbers as one of codes. Quantization keeps the order of numbers, so that clipping its result at
 * the codes of the ends gives the same (ONNX operator specification, QuantizeLinear: rounding half to even,
 * saturating).
 * @param result what the clipped numbers become
 * @param graph holds their constants
 * @returns null if the ends of the Clip are not known
 */
export function clippedCodes(
  clip: NodeProto,
  result: Quantized,
  graph: Pick<QuantizedGraph, 'constant'>,
  files: ExternalFiles,
): CodeRange | null {
  const numberOf = (name: string | undefined, absent: number) => {
    if (!name) return absent;
    const tensor = graph.constant(name);
    return tensor?.dataType === DataType.FLOAT ? readFloat(tensorBytes(tensor, files)) : null;
  };
  const [, min, max] = clip.input;
  const from = clip.opType === 'Relu' ? 0 : numberOf(min, -Infinity);
  const to = clip.opType === 'Relu' ? Infinity : numberOf(max, Infinity);
  const scale = numberOf(result.scale, 1);
  const zero = graph.constant(result.zeroPoint);
  if (from === null || to === null || scale === null || !zero) return null;
  const [qmin, qmax] = zero.dataType === DataType.INT8 ? [-128, 127] : [0, 255];
  const byte = tensorBytes(zero, files)[0]!;
  const zeroPoint = qmin < 0 ? (byte << 24) >> 24 : byte;
  const codeOf = (value: number) =>
    Math.min(qmax, Math.max(qmin, roundHalfToEven(Math.fround(value / scale)) + zeroPoint));
  const [least, greatest] = [codeOf(from), codeOf(to)];
  return { least, greatest, all: least === qmin && greatest === qmax };
}

function readFloat(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}
