import { familyOf } from '../../src/core/scheme/families';
import type { Mark } from '../../src/core/scheme/families/SchemeFamily';
import { specOf, type SchemeId } from '../../src/core/scheme/scheme';

/** Schemes that are one kind in the bake-off: a colour and a shape, either of which tells them apart. */
export interface SchemeKind {
  readonly id: Mark;
  readonly label: string;
  /** Outline around the origin, about 10 pixels wide, as SVG writes paths. */
  readonly shape: string;
}

export const KINDS: readonly SchemeKind[] = [
  {
    id: 'integer',
    label: 'integer',
    shape: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z',
  },
  {
    id: 'float',
    label: 'small float',
    shape: 'M-4-4h8v8h-8z',
  },
  { id: 'power', label: 'powers of two', shape: 'M0-5.2L5 4H-5z' },
  { id: 'codebook', label: 'codebook', shape: 'M0-5.6L5.6 0L0 5.6L-5.6 0z' },
  {
    id: 'vector',
    label: 'vector codebook',
    shape: 'M0-6L1.8-1.8L6 0L1.8 1.8L0 6L-1.8 1.8L-6 0L-1.8-1.8z',
  },
  { id: 'tanh', label: 'tanh (DoReFa)', shape: 'M0 5.2L5-4H-5z' },
  {
    id: 'sign',
    label: 'binary, ternary',
    shape: 'M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z',
  },
];

/** The kind of a scheme. */
export function kindOf(scheme: SchemeId): SchemeKind {
  const { mark } = familyOf(specOf(scheme));
  return KINDS.find(({ id }) => id === mark)!;
}
