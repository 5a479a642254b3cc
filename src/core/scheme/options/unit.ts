import type { Control, Option } from './Option';

/** Levels from -1 to 1 as a paper has them, rather than scaled to the weights. */
export function unit<S extends { readonly unit: boolean }>(
  controls: (spec: S) => readonly Control[],
): Option<S> {
  return {
    name: 'levels',
    values: ['unit'],
    examples: ['unit'],
    description: 'from -1 to 1 instead of scaled',
    pattern: 'unit',
    read: (word) => (word === 'unit' ? { unit: true } : null),
    write: (spec) => (spec.unit ? 'unit' : ''),
    controls,
  };
}
