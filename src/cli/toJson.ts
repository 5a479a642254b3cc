import { printableJson } from '../base/quoted';

/** Names of fields that the JSON of this program has had from the start, by those they have in the code. */
const NAMES: Readonly<Record<string, string>> = { klDivergence: 'divergence', top1Agreement: 'agreement' };

/**
 * A result as this program prints it. An SQNR that is no number is null there, and `sqnr` beside it says in a word what it is, see
 * `Decibels`.
 */
export function toJson(value: object): string {
  return `${printableJson(plain(value))}\n`;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      key === 'sqnrDb' && typeof part === 'string'
        ? [
            [key, null],
            ['sqnr', part],
          ]
        : [[NAMES[key] ?? key, plain(part)]],
    ),
  );
}
