/** The formats that schemes are made of and their options, for whoever writes one by hand. */
import { ALL_FAMILIES } from './families';

export interface FormatRow {
  /** Texts that a scheme may start with. */
  readonly names: readonly string[];
  /** Keys of `OPTIONS`, in the order in which they are written. */
  readonly options: readonly string[];
  readonly description: string;
}

export interface OptionRow {
  /** Texts that may follow a slash; N is a number. */
  readonly values: readonly string[];
  readonly description: string;
}

export const FORMATS: readonly FormatRow[] = ALL_FAMILIES.flatMap(({ formats, options }) =>
  formats.map(({ names, description }) => ({
    names,
    options: options.map(({ name }) => name),
    description,
  })),
);

export const OPTIONS: Readonly<Record<string, OptionRow>> = Object.fromEntries(
  ALL_FAMILIES.flatMap(({ options }) => options).map(({ name, values, description }) => [
    name,
    { values, description },
  ]),
);

/** `int2 … int8 int16`: what counts up is shown by its ends. */
export function shortened(names: FormatRow['names']): string[] {
  const follows = (name: string | undefined, next: string | undefined) =>
    name !== undefined && next === name.replace(/\d+$/, (digits) => String(Number(digits) + 1));
  const inside = names.map((name, i) => follows(names[i - 1], name) && follows(name, names[i + 1]));
  const shown = names.map((name, i) => (inside[i] ? '…' : name));
  return shown.filter((name, i) => name !== '…' || shown[i - 1] !== '…');
}
