/** Quantized weights in parts that a file can hold, and put together again. */
import type { EncodedScalars, EncodedTensor, EncodedVectors } from '../../../quant/EncodedTensor';
import type { ElementType, StoredTensor } from './safetensors';

/** A quantized weight in parts. */
export interface EncodedParts {
  readonly parts: ReadonlyMap<string, StoredTensor>;
  /** All else, as JSON has it. */
  readonly facts: unknown;
}

type Numbers = Uint8Array | Uint16Array | Float32Array;

export function partsOf(tensor: EncodedTensor): EncodedParts {
  const named = tensor.kind === 'vectors' ? vectorParts(tensor) : scalarParts(tensor);
  const parts = Object.entries(named).flatMap(([name, numbers]) =>
    numbers ? [[name, storedNumbers(numbers)] as const] : [],
  );
  return { parts: new Map(parts), facts: factsOf(tensor) };
}

/**
 * Puts a weight together as another one is made: of the same scheme for the same layer.
 * @returns null if the parts are not those of such a weight
 */
export function tensorLike(like: EncodedTensor, { parts, facts }: EncodedParts): EncodedTensor | null {
  const expected = partsOf(like);
  if (JSON.stringify(facts) !== JSON.stringify(expected.facts) || parts.size !== expected.parts.size)
    return null;
  const found: Record<string, Numbers> = {};
  for (const [name, { type, bytes }] of expected.parts) {
    const part = parts.get(name);
    if (part?.type !== type || part.bytes.length !== bytes.length) return null;
    found[name] = numbersOf(part);
  }
  const tensor = like.kind === 'vectors' ? vectorsOf(like, found) : scalarsOf(like, found);
  return isSound(tensor) ? tensor : null;
}

export function storedNumbers(numbers: Numbers): StoredTensor {
  const type: ElementType =
    numbers instanceof Float32Array ? 'F32' : numbers instanceof Uint16Array ? 'U16' : 'U8';
  const { buffer, byteOffset, byteLength } = numbers;
  return { type, shape: [numbers.length], bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** A copy, as views of numbers must begin where their size allows. */
export function numbersOf({ type, bytes }: StoredTensor): Numbers {
  const { buffer } = bytes.slice();
  if (type === 'F32') return new Float32Array(buffer);
  return type === 'U16' ? new Uint16Array(buffer) : new Uint8Array(buffer);
}

function vectorParts({ codes, codebooks }: EncodedVectors): Record<string, Numbers | null> {
  return { codes, codebooks };
}

function scalarParts({ codes, scales, numbers }: EncodedScalars): Record<string, Numbers | null> {
  return {
    codes,
    scales: scales && scales.values,
    zero_points: numbers.kind === 'integer' ? numbers.zeroPoints : null,
    entries: numbers.kind === 'table' ? numbers.entries : null,
  };
}

function factsOf(tensor: EncodedTensor): unknown {
  const { kind, bits } = tensor;
  if (tensor.kind === 'vectors') {
    const { dimension, parts, entries } = tensor;
    return { kind, bits, dimension, parts, entries };
  }
  const { numbers, scales } = tensor;
  const facts =
    numbers.kind === 'integer'
      ? { signed: numbers.signed }
      : numbers.kind === 'float'
        ? { format: numbers.format }
        : { own: numbers.own };
  return { kind, bits, numbers: { kind: numbers.kind, ...facts }, scales: scales && { block: scales.block } };
}

function vectorsOf(like: EncodedVectors, found: Record<string, Numbers>): EncodedVectors {
  return { ...like, codes: found['codes'] as Uint8Array, codebooks: found['codebooks'] as Float32Array };
}

function scalarsOf(like: EncodedScalars, found: Record<string, Numbers>): EncodedScalars {
  const { numbers, scales } = like;
  return {
    ...like,
    codes: found['codes'] as Uint8Array,
    scales: scales && { ...scales, values: found['scales'] as Float32Array },
    numbers:
      numbers.kind === 'integer'
        ? { ...numbers, zeroPoints: numbers.zeroPoints && (found['zero_points'] as Uint8Array) }
        : numbers.kind === 'table'
          ? { ...numbers, entries: found['entries'] as Float32Array }
          : numbers,
  };
}

/** Whether all codes stand for something, and all numbers are finite. */
function isSound(tensor: EncodedTensor): boolean {
  if (tensor.kind === 'vectors')
    return tensor.codes.every((code) => code < tensor.entries) && tensor.codebooks.every(Number.isFinite);
  const { codes, bits, numbers, scales } = tensor;
  const signed = numbers.kind === 'integer' && numbers.signed;
  const isCode = (code: number) => {
    const bytes = codes.BYTES_PER_ELEMENT * 8;
    const number = signed ? (code << (32 - bytes)) >> (32 - bytes) : code;
    return signed ? number >= -(2 ** (bits - 1)) && number < 2 ** (bits - 1) : number < 2 ** bits;
  };
  return (
    codes.every(isCode) &&
    (!(scales?.values instanceof Float32Array) || scales.values.every(Number.isFinite)) &&
    (numbers.kind !== 'table' || numbers.entries.every(Number.isFinite)) &&
    (numbers.kind !== 'integer' || !numbers.zeroPoints || numbers.zeroPoints.every(isCode))
  );
}
