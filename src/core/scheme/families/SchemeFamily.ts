import type { Control, Option } from '../options/Option';

/**
 * All that is said about a family of schemes. Parsing, the lists, the JSON schema, the terminal's table, the README's and
 * the editor's controls follow from it; how it is computed is in `quant/schemes`.
 * @template S the family's specs
 */
export interface SchemeFamily<S> {
  readonly formats: readonly Format<S>[];
  /** In the order in which they are written. */
  readonly options: readonly Option<S>[];
  /** Whether what the options say goes together. */
  isSound?(spec: S): boolean;
  /** The name of the spec's format: the text before the first slash. */
  nameOf(spec: S): string;
  /** The beginning of the sentence that describes a scheme; its options add to it. */
  describe(spec: S): string;
  /** Bits that one weight's code takes, without scales. */
  codeBits(spec: S): number;
  /** The controls for what a format's name says, such as its bits. */
  controls(spec: S): readonly Control[];
  /** Whether fitting takes seconds rather than milliseconds on a large layer. */
  readonly slow?: boolean;
  /** Its mark in charts. */
  readonly mark: Mark;
  /** A line for the README, with the source. */
  readonly about: string;
  /** Its schemes in the lists that have a name. */
  readonly presets: Readonly<Partial<Record<Preset, readonly string[]>>>;
}

/** The lists: what people mostly choose between, 4 bits and below, and one of each kind and size. */
export type Preset = 'common' | 'low-bit' | 'all';

/** Schemes that are one kind in charts. */
export type Mark = 'integer' | 'float' | 'power' | 'codebook' | 'vector' | 'tanh' | 'sign';

/** A format as people choose it. */
export interface Format<S> {
  readonly id: string;
  readonly label: string;
  /** Every name, or a placeholder where there are too many, with a pattern and examples for it. */
  readonly names: readonly string[];
  readonly many?: { readonly pattern: string; readonly examples: readonly string[] };
  readonly description: string;
  /** The format's default scheme. */
  make(name: string): S;
  /** The name for about so many bits. */
  nearest(bits: number): string;
}

/** `int2` to `int8`: one name for each width. */
export function widths(name: string, bits: readonly number[]): Pick<Format<never>, 'names' | 'nearest'> {
  return {
    names: bits.map((width) => `${name}${width}`),
    nearest: (wanted) =>
      `${name}${bits.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best))}`,
  };
}

/** The digits at the end of a format's name. */
export function widthOf<B extends number>(name: string): B {
  return Number(/\d+$/.exec(name)![0]) as B;
}

/** The numbers from `least` to `most`. */
export function upTo(least: number, most: number): number[] {
  return Array.from({ length: most - least + 1 }, (_, i) => least + i);
}
