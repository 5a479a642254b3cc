/** The results of repairs, as a file keeps them. */
import { isRecord } from '../../../core/recipe/findProblems';
import type { EncodedParts } from './encodedParts';
import { numbersOf, storedNumbers } from './encodedParts';
import { readSafetensors, writeSafetensors, type StoredTensor } from './safetensors';

/** The inputs that results follow from, each a SHA-256 in hexadecimal. */
export interface OverlayOrigin {
  /** Of the model and its external data. */
  readonly model: string;
  /** Of the samples that repairs follow from, and are judged by. */
  readonly data: string;
  /** Of the schemes and the activations that the recipe chooses. */
  readonly choices: string;
}

/** The result of one pass. */
export interface PassResult {
  /** SHA-256 of the state of the model that the pass began with. */
  readonly begins: string;
  /** Quantized weights by layer. */
  readonly weights: ReadonlyMap<string, EncodedParts>;
  /** Biases, scales and other numbers, by the name of what they belong to. */
  readonly numbers: ReadonlyMap<string, Float32Array>;
  /** All else, as JSON has it: how the pass was judged. */
  readonly facts: unknown;
}

export interface Overlay {
  readonly origin: OverlayOrigin;
  /** Of what computed the results. */
  readonly versions: string;
  /** By pass, and by what it began with: an export may try two ways. */
  readonly results: ReadonlyMap<string, PassResult>;
}

const FORMAT = 'quantscope overlay 1';
/** Each pass has one for each way that an export tries. */
const MAX_RESULTS = 64;
/** Passes have no such sign in their names, and layers may have any. */
const SEPARATOR = '/';
const NUMBERS = 'numbers';
const WEIGHTS = 'weights';

/** The key of a result. */
export function resultKey(pass: string, begins: string): string {
  return `${pass}${SEPARATOR}${begins.slice(0, 16)}`;
}

/** A file of the safetensors format; of the same overlay always the same bytes. */
export function writeOverlay({ origin, versions, results }: Overlay): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  const described = [...results]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, result]) => {
      for (const [name, numbers] of result.numbers)
        tensors.set([key, NUMBERS, name].join(SEPARATOR), storedNumbers(numbers));
      for (const [name, { parts }] of result.weights)
        for (const [part, tensor] of parts) tensors.set([key, WEIGHTS, part, name].join(SEPARATOR), tensor);
      const weights = [...result.weights].map(([name, { facts }]) => [name, facts]);
      return { key, begins: result.begins, facts: result.facts, weights };
    });
  const metadata = { format: FORMAT, versions, ...origin, results: JSON.stringify(described) };
  return writeSafetensors({ metadata: new Map(Object.entries(metadata)), tensors });
}

/**
 * Reads such a file.
 * @returns or why it is none, as the end of a sentence
 */
export function readOverlay(bytes: Uint8Array): Overlay | string {
  const file = readSafetensors(bytes);
  if (typeof file === 'string') return file;
  const { metadata, tensors } = file;
  if (metadata.get('format') !== FORMAT) return 'it holds no repairs of this version';
  const described = jsonOf(metadata.get('results') ?? '');
  if (!Array.isArray(described) || described.length > MAX_RESULTS || !described.every(isDescription))
    return 'what it says of its tensors is damaged';
  const results = new Map(described.map(({ key, ...each }) => [key, resultOf(key, each, tensors)] as const));
  const text = (key: string) => metadata.get(key) ?? '';
  return {
    origin: { model: text('model'), data: text('data'), choices: text('choices') },
    versions: text('versions'),
    results,
  };
}

interface Description {
  readonly key: string;
  readonly begins: string;
  readonly facts: unknown;
  readonly weights: readonly (readonly [string, unknown])[];
}

function isDescription(value: unknown): value is Description {
  if (!isRecord(value)) return false;
  const { key, begins, weights } = value;
  return (
    typeof key === 'string' &&
    typeof begins === 'string' &&
    Array.isArray(weights) &&
    weights.every((each) => Array.isArray(each) && each.length === 2 && typeof each[0] === 'string')
  );
}

function resultOf(
  key: string,
  { begins, facts, weights }: Omit<Description, 'key'>,
  tensors: ReadonlyMap<string, StoredTensor>,
): PassResult {
  const numbers = new Map<string, Float32Array>();
  const parts = new Map<string, Map<string, StoredTensor>>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(key + SEPARATOR)) continue;
    const [kind, ...rest] = name.slice(key.length + 1).split(SEPARATOR);
    if (kind === NUMBERS && tensor.type === 'F32')
      numbers.set(rest.join(SEPARATOR), numbersOf(tensor) as Float32Array);
    if (kind !== WEIGHTS) continue;
    const [part, ...layer] = rest;
    const own = parts.get(layer.join(SEPARATOR)) ?? new Map<string, StoredTensor>();
    parts.set(layer.join(SEPARATOR), own.set(part ?? '', tensor));
  }
  const found = weights.map(
    ([name, own]) => [name, { parts: parts.get(name) ?? new Map(), facts: own }] as const,
  );
  return { begins, numbers, weights: new Map(found), facts };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
