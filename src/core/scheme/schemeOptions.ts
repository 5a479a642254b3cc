/** The options of a scheme as controls, one at a time, each with the values that it may have. */
import { ALL_FAMILIES, familyOf, type SchemeSpec } from './families';
import {
  choice as choiceControl,
  type ChoiceControl,
  type Control,
  type NumberControl,
} from './options/Option';
import { formatOf, formatScheme, parseScheme } from './schemeSyntax';

/** A control whose values make schemes; `apply` returns null for a value that it may not have. */
type Applied<C extends Control> = Omit<C, 'set'> & { apply(value: string): SchemeSpec | null };
export type ChoiceOption = Applied<ChoiceControl>;
export type NumberOption = Applied<NumberControl>;
export type SchemeOption = ChoiceOption | NumberOption;

/** The options that a scheme's format has, the format first. */
export function optionsOf(spec: SchemeSpec): readonly SchemeOption[] {
  const { controls, options } = familyOf(spec);
  const own = [...controls(spec), ...options.flatMap((option) => option.controls(spec))];
  return [formatOption(spec), ...own.map((control) => applied(spec, control))];
}

/** Bits that one weight's code takes, without scales. */
export function codeBits(spec: SchemeSpec): number {
  return familyOf(spec).codeBits(spec);
}

const FORMATS = ALL_FAMILIES.flatMap(({ formats }) => formats);
const FORMAT_CHOICES = FORMATS.map(({ id, label }) => ({ value: id, label }));

function formatOption(spec: SchemeSpec): SchemeOption {
  const current = formatOf(familyOf(spec).nameOf(spec))!.format;
  const control = choiceControl('format', 'Format', current.id, FORMAT_CHOICES, () => ({}));
  return choiceOption(control, (value) => {
    const chosen = FORMATS.find(({ id }) => id === value)!;
    return chosen === current ? spec : carryOver(spec, parseScheme(chosen.nearest(codeBits(spec)))!);
  });
}

/** Granularity and range stay as they were where the new format has them. */
function carryOver(from: SchemeSpec, to: SchemeSpec): SchemeSpec {
  const scale = from.family === 'mx' ? from.block : 'granularity' in from ? from.granularity : undefined;
  let spec: SchemeSpec = to;
  if (spec.family === 'mx' && typeof scale === 'number') spec = { ...spec, block: scale };
  if ('granularity' in spec && scale !== undefined)
    spec = sound({ ...spec, granularity: scale } as SchemeSpec) ?? spec;
  if ('range' in spec && 'range' in from) spec = { ...spec, range: from.range };
  return sound(spec) ?? to;
}

function applied(spec: SchemeSpec, control: Control): SchemeOption {
  const change = (fields: object) => sound({ ...spec, ...fields } as SchemeSpec);
  if (control.kind === 'choice')
    return choiceOption(control, (value) => (value === control.value ? spec : change(control.set(value))));
  const { set, ...rest } = control;
  const { least, most, whole } = rest;
  const apply = (text: string) => {
    const entered = text.trim() === '' ? NaN : Number(text);
    if (!(entered >= least && entered <= most) || (whole && !Number.isInteger(entered))) return null;
    return change(set(entered));
  };
  return { ...rest, apply };
}

function choiceOption(
  { kind, id, label, value, choices }: ChoiceControl,
  make: (value: string) => SchemeSpec | null,
): ChoiceOption {
  const apply = (chosen: string) => (choices.some((each) => each.value === chosen) ? make(chosen) : null);
  return { kind, id, label, value, choices, apply };
}

/** The spec as its text says it, so that only what can be written is chosen. */
function sound(spec: SchemeSpec): SchemeSpec | null {
  return parseScheme(formatScheme(spec));
}
