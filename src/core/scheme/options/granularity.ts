import { choice, wholeNumber, type Control, type Option } from './Option';

/** The part of a weight that has a scale and a zero point of its own: the tensor, each output channel, or so many weights of a channel. */
export type Granularity = 'tensor' | 'channel' | number;

/** Block sizes that schemes may have. */
export const MIN_BLOCK = 16;
export const MAX_BLOCK = 256;
const USUAL_BLOCK = 32;

const BLOCK_PATTERN = 'block(1[6-9]|[2-9]\\d|1\\d\\d|2[0-4]\\d|25[0-6])';

const CHOICES = [
  { value: 'tensor', label: 'tensor' },
  { value: 'channel', label: 'channel' },
  { value: 'block', label: 'block' },
];

/**
 * Scales per tensor, channel or block.
 * @param numbers names what is per tensor, channel or block; empty if the format says it itself
 */
export function granularity<S extends { readonly granularity: Granularity }>(
  numbers: (spec: S) => string = () => 'one scale',
): Option<S> {
  return {
    name: 'scale',
    values: ['tensor', 'channel', 'blockN'],
    examples: ['tensor', 'channel', `block${MIN_BLOCK}`, 'block17', 'block64'],
    description: `what shares one (N ${MIN_BLOCK} to ${MAX_BLOCK}); else channel`,
    pattern: `tensor|channel|${BLOCK_PATTERN}`,
    read: (word) => {
      const size = readGranularity(word);
      return size === null ? null : { granularity: size };
    },
    write: (spec) => granularityText(spec.granularity),
    describe: (spec) => perText(numbers(spec), spec.granularity),
    controls: (spec) => controls('Scale per', spec.granularity, CHOICES),
  };
}

/** A codebook per tensor or channel. */
export const CODEBOOK_PER: Option<{ readonly granularity: 'tensor' | 'channel' }> = {
  name: 'codebook',
  values: ['tensor', 'channel'],
  examples: ['tensor', 'channel'],
  description: 'what shares one; else tensor',
  pattern: 'tensor|channel',
  read: (word) => (word === 'tensor' || word === 'channel' ? { granularity: word } : null),
  write: (spec) => spec.granularity,
  controls: (spec) => controls('Codebook per', spec.granularity, CHOICES.slice(0, 2)),
};

/** Weights that share a scale, where they always come in blocks. */
export const BLOCK: Option<{ readonly block: number }> = {
  name: 'block',
  values: ['blockN'],
  examples: [`block${MIN_BLOCK}`, 'block64'],
  description: `N is ${MIN_BLOCK} to ${MAX_BLOCK}; else ${USUAL_BLOCK}`,
  pattern: BLOCK_PATTERN,
  read: (word) => {
    const block = readGranularity(word);
    return typeof block === 'number' ? { block } : null;
  },
  write: (spec) => granularityText(spec.block),
  controls: ({ block }) => [blockSize(block, (size) => ({ block: size }))],
};

function controls(label: string, granularity: Granularity, choices: typeof CHOICES): Control[] {
  const isBlock = typeof granularity === 'number';
  const per = choice('granularity', label, isBlock ? 'block' : granularity, choices, (value) => ({
    granularity: value === 'block' ? USUAL_BLOCK : value,
  }));
  return isBlock ? [per, blockSize(granularity, (size) => ({ granularity: size }))] : [per];
}

function blockSize(size: number, set: (size: number) => object): Control {
  return wholeNumber('block', 'Block size', size, [MIN_BLOCK, MAX_BLOCK, 16], set);
}

function readGranularity(word: string): Granularity | null {
  if (word === 'tensor' || word === 'channel') return word;
  const size = Number(/^block([1-9]\d{1,2})$/.exec(word)?.[1]);
  return size >= MIN_BLOCK && size <= MAX_BLOCK ? size : null;
}

function granularityText(granularity: Granularity): string {
  return typeof granularity === 'number' ? `block${granularity}` : granularity;
}

function perText(numbers: string, granularity: Granularity): string {
  if (numbers === '') return '';
  if (granularity === 'tensor') return `${numbers} for the whole tensor`;
  return granularity === 'channel'
    ? `${numbers} per output channel`
    : `${numbers} per ${granularity} weights of a channel`;
}
