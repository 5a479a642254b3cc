/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): the length of a header in 8 bytes, little endian; the header, a JSON
 * object of tensors by name, with texts under `__metadata__`; the tensors' bytes one after the other.
 */
import { quoted } from '../../../base/quoted';
import { UserError } from '../../../base/UserError';
import { isRecord } from '../../../core/recipe/findProblems';

const LENGTH_BYTES = 8;
/** A header is one line for each tensor. */
const MAX_HEADER = 2 ** 25;
const MAX_AXES = 8;
const METADATA = '__metadata__';

/** Bytes of an element; of the format's types, those that are used here. */
const ELEMENT_BYTES = { U8: 1, U16: 2, I32: 4, F32: 4, F64: 8 } as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

export interface StoredTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little endian. */
  readonly bytes: Uint8Array;
}

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** The bytes of a file; of the same contents always the same, whatever their order. */
export function writeSafetensors({ metadata, tensors }: Safetensors): Uint8Array {
  const sorted = [...tensors].sort(byName);
  let end = 0;
  const entries = sorted.map(([name, { type, shape, bytes }]) => {
    const start = end;
    end += bytes.length;
    return [name, { dtype: type, shape, data_offsets: [start, end] }] as const;
  });
  const fields = [[METADATA, asObject([...metadata].sort(byName))] as const, ...entries];
  const header = new TextEncoder().encode(JSON.stringify(asObject(fields)));
  // Spaces, so that tensors begin at a multiple of eight, as the format asks for.
  const padded = Math.ceil(header.length / LENGTH_BYTES) * LENGTH_BYTES;
  if (padded > MAX_HEADER) throw new UserError('There are too many layers for one file of repairs.');
  const file = new Uint8Array(LENGTH_BYTES + padded + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + padded);
  file.set(header, LENGTH_BYTES);
  let position = LENGTH_BYTES + padded;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, position);
    position += bytes.length;
  }
  return file;
}

/**
 * Reads a file. Nothing is copied: tensors are views.
 * @returns or why it is not as the format says, as the end of a sentence
 */
export function readSafetensors({ buffer, byteOffset, byteLength }: Uint8Array): Safetensors | string {
  try {
    // A Node Buffer would give views where others give copies.
    return read(new Uint8Array(buffer, byteOffset, byteLength));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** @throws UserError with the end of a sentence */
function read(file: Uint8Array): Safetensors {
  if (file.length < LENGTH_BYTES) throw new UserError('it is too short');
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER, file.length - LENGTH_BYTES)))
    throw new UserError('its header is too long');
  const begin = LENGTH_BYTES + Number(length);
  const header = headerOf(file.subarray(LENGTH_BYTES, begin));
  const data = file.subarray(begin);
  const metadata = new Map<string, string>();
  const tensors = new Map<string, StoredTensor>();
  const places: { name: string; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      for (const [key, value] of textsOf(entry)) metadata.set(key, value);
      continue;
    }
    const { type, shape, start, end } = tensorOf(name, entry, data.length);
    places.push({ name, start, end });
    tensors.set(name, { type, shape, bytes: data.subarray(start, end) });
  }
  checkPlaces(places, data.length);
  return { metadata, tensors };
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch {
    // Said below.
  }
  throw new UserError('its header is no JSON object');
}

function textsOf(entry: unknown): [string, string][] {
  const texts = isRecord(entry) ? Object.entries(entry) : null;
  if (!texts?.every((each): each is [string, string] => typeof each[1] === 'string'))
    throw new UserError('its metadata are not texts');
  return texts;
}

function tensorOf(name: string, entry: unknown, most: number) {
  const wrong = () => new UserError(`its tensor ${quoted(name)} is not described as it should be`);
  if (!isRecord(entry)) throw wrong();
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) throw wrong();
  if (!isSizes(shape) || shape.length > MAX_AXES || !isSizes(offsets) || offsets.length !== 2) throw wrong();
  const [start, end] = offsets as [number, number];
  const type = dtype as ElementType;
  const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
  if (start > end || end > most || end - start !== bytes) throw wrong();
  return { type, shape, start, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function checkPlaces(places: { start: number; end: number }[], length: number): void {
  let end = 0;
  for (const place of places.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (place.start !== end) throw new UserError('its tensors overlap, or leave bytes between them');
    end = place.end;
  }
  if (end !== length) throw new UserError('there are bytes behind its tensors');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** With own properties only, whatever the names are. */
function asObject(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries) as Record<string, unknown>;
}
