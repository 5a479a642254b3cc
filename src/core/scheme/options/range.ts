import { choice, number, type Control, type Option } from './Option';

/**
 * How the range that the levels cover is found, in each group by itself.
 * `clip` takes these shares of the group's least and greatest weight; symmetric grids use `upper` alone.
 */
export type Range =
  | { readonly method: 'minmax' }
  | { readonly method: 'mse' }
  | { readonly method: 'entropy' }
  | { readonly method: 'percentile'; readonly percent: number }
  | { readonly method: 'clip'; readonly lower: number; readonly upper: number };

export const MINMAX: Range = { method: 'minmax' };

/** `p50` to `p100`. */
export const PERCENTILE_PATTERN = 'p(0?[5-9]\\d(\\.\\d{1,4})?|100(\\.0{1,4})?)';

const PERCENT = [50, 100, 0.1] as const;
const SHARE_IN_PERCENT = [1, 200, 1] as const;

const CHOICES = [
  { value: 'minmax', label: 'least to greatest' },
  { value: 'mse', label: 'least squared error' },
  { value: 'entropy', label: 'least KL divergence' },
  { value: 'percentile', label: 'percentile' },
  { value: 'clip', label: 'clipped' },
];

/** Where each method begins when it is chosen. */
const STARTS: Readonly<Record<string, Range>> = {
  minmax: MINMAX,
  mse: { method: 'mse' },
  entropy: { method: 'entropy' },
  percentile: { method: 'percentile', percent: 99.9 },
  clip: { method: 'clip', lower: 0.9, upper: 0.9 },
};

/** @param hasTwoEnds whether the lower and the upper end of the range are chosen apart */
export function range<S extends { readonly range: Range }>(
  hasTwoEnds: (spec: S) => boolean = () => false,
): Option<S> {
  return {
    name: 'range',
    values: ['minmax', 'mse', 'entropy', 'pN', 'clipN', 'clipN:N'],
    examples: ['minmax', 'mse', 'entropy', 'p99', 'clip0.5', 'clip0.5:0.9'],
    description: 'percentile from 50; share of the ends to 2',
    pattern: `minmax|mse|entropy|${PERCENTILE_PATTERN}|clip[0-2](\\.\\d{1,4})?(:[0-2](\\.\\d{1,4})?)?`,
    read: (word) => {
      const found = readRange(word);
      return found && { range: found };
    },
    write: (spec) => rangeText(spec.range),
    describe: (spec) => describeRange(spec.range),
    controls: (spec) => controls(spec.range, hasTwoEnds(spec)),
  };
}

function controls(range: Range, twoEnds: boolean): Control[] {
  const method = choice('range', 'Range', range.method, CHOICES, (value) => ({ range: STARTS[value] }));
  if (range.method === 'percentile')
    return [
      method,
      number('percent', 'Percent', range.percent, PERCENT, (percent) => ({
        range: { method: 'percentile', percent },
      })),
    ];
  if (range.method !== 'clip') return [method];
  const { lower, upper } = range;
  const clip = (id: string, label: string, share: number, set: (share: number) => Range) =>
    number(id, label, Number((share * 100).toFixed(2)), SHARE_IN_PERCENT, (percent) => ({
      range: set(percent / 100),
    }));
  if (!twoEnds)
    return [
      method,
      clip('upper', '% of largest', upper, (share) => ({ method: 'clip', lower: share, upper: share })),
    ];
  return [
    method,
    clip('lower', '% of least', lower, (share) => ({ method: 'clip', lower: share, upper })),
    clip('upper', '% of greatest', upper, (share) => ({ method: 'clip', lower, upper: share })),
  ];
}

function readRange(word: string): Range | null {
  if (word === 'minmax' || word === 'mse' || word === 'entropy') return { method: word };
  const percent = Number(/^p(\d{2,3}(?:\.\d{1,4})?)$/.exec(word)?.[1]);
  if (percent >= 50 && percent <= 100) return { method: 'percentile', percent };
  const [, first, second] = /^clip(\d(?:\.\d{1,4})?)(?::(\d(?:\.\d{1,4})?))?$/.exec(word) ?? [];
  if (first === undefined) return null;
  const [lower, upper] = [Number(first), Number(second ?? first)];
  return isShare(lower) && isShare(upper) ? { method: 'clip', lower, upper } : null;
}

function rangeText(range: Range): string {
  switch (range.method) {
    case 'percentile':
      return `p${decimal(range.percent)}`;
    case 'clip': {
      const [lower, upper] = [decimal(range.lower), decimal(range.upper)];
      return lower === upper ? `clip${upper}` : `clip${lower}:${upper}`;
    }
    default:
      return range.method;
  }
}

function describeRange(range: Range): string {
  switch (range.method) {
    case 'minmax':
      return '';
    case 'mse':
      return 'range of least squared error';
    case 'entropy':
      return 'range of least KL divergence';
    case 'percentile':
      return `range that holds ${range.percent} % of the weights`;
    case 'clip':
      return range.lower === range.upper
        ? `range clipped to ${percentText(range.upper)} of the largest weight`
        : `range clipped to ${percentText(range.lower)} of the least and ${percentText(range.upper)} of the greatest weight`;
  }
}

/** Four digits are finer than a mark can be dragged. */
function decimal(value: number): string {
  return String(Number(value.toFixed(4)));
}

function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** Levels may also reach beyond the weights, up to twice as far. */
function isShare(value: number): boolean {
  return value > 0 && value <= 2;
}
