/** An option of schemes: how it is written, listed, told in words and chosen, in one place. */

/** A value that a drop-down offers. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface ControlBase {
  readonly id: string;
  readonly label: string;
  /** As text, also of a number. */
  readonly value: string;
}

/** One of a few values. `set` returns the fields of the spec that a value changes. */
export interface ChoiceControl extends ControlBase {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
  set(value: string): object;
}

/** A number that is entered. */
export interface NumberControl extends ControlBase {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  /** The amount that an arrow key adds. */
  readonly step: number;
  readonly whole: boolean;
  set(value: number): object;
}

export type Control = ChoiceControl | NumberControl;

/** @template S the specs that have the option */
export interface Option<S> {
  /** Its name in lists of options, where options of the same name are the same. */
  readonly name: string;
  /** Texts that may follow a slash; N is a number. */
  readonly values: readonly string[];
  /** Words that may be written, other options that they need included: proposed to nobody, tried by the tests. */
  readonly examples: readonly string[];
  readonly description: string;
  /** Regular expression of its words. It may let through words that `read` refuses for other reasons than their form. */
  readonly pattern: string;
  /** The fields that a word sets; null if the word is not of this option. */
  read(word: string, spec: S): object | null;
  /** The word for what the spec has; the same word as of the format's default, or none, is left out. */
  write(spec: S): string;
  /** A detail for the sentence that describes a scheme; empty if there is nothing to say. */
  describe?(spec: S): string;
  /** The controls that choose it. */
  controls(spec: S): readonly Control[];
}

export function choice(
  id: string,
  label: string,
  value: string,
  choices: readonly Choice[],
  set: (value: string) => object,
): ChoiceControl {
  return { kind: 'choice', id, label, value, choices, set };
}

/** @param bounds the least and greatest number, and the step of an arrow key */
export function number(
  id: string,
  label: string,
  value: number,
  [least, most, step]: readonly [number, number, number],
  set: (value: number) => object,
): NumberControl {
  return { kind: 'number', id, label, value: String(value), least, most, step, whole: false, set };
}

export function wholeNumber(...args: Parameters<typeof number>): NumberControl {
  return { ...number(...args), whole: true };
}

/** The choice of a format's width. */
export function bitsControl(bits: number, allowed: readonly number[]): Control {
  return choice('bits', 'Bits', String(bits), numerals(allowed), (value) => ({ bits: Number(value) }));
}

export function numerals(values: readonly number[]): Choice[] {
  return values.map((value) => ({ value: String(value), label: String(value) }));
}
