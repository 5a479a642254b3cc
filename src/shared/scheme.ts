/** The schemes a user can choose from, in the order they are shown: least error first. */
export const SCHEME_IDS = ['float', 'int8', 'int8/tensor', 'uint8', 'int4', 'log4', 'binary'] as const;

/** How a tensor is quantized; the identifier used in recipes, on the command line and in the protocol. */
export type SchemeId = (typeof SCHEME_IDS)[number];

/** The schemes that change the weights, that is, all but `float`. */
export const QUANTIZING_SCHEMES = SCHEME_IDS.filter((id): id is QuantizingSchemeId => id !== 'float');
export type QuantizingSchemeId = Exclude<SchemeId, 'float'>;

/** What a person reads about a scheme. */
export interface SchemeText {
  readonly label: string;
  readonly description: string;
}

export const SCHEME_TEXT: Readonly<Record<SchemeId, SchemeText>> = {
  float: { label: 'float', description: 'Leave the weights as they are.' },
  int8: { label: 'int8', description: '8-bit integers, symmetric, one scale per output channel.' },
  'int8/tensor': {
    label: 'int8/tensor',
    description: '8-bit integers, symmetric, one scale for the whole tensor.',
  },
  uint8: {
    label: 'uint8',
    description: '8-bit integers, asymmetric, scale and zero point per output channel.',
  },
  int4: { label: 'int4', description: '4-bit integers, symmetric, one scale per output channel.' },
  log4: {
    label: 'log4',
    description: '4 bits: sign, zero and seven powers of two, one exponent per output channel.',
  },
  binary: {
    label: 'binary',
    description: '1 bit: the sign, times the mean magnitude of the output channel.',
  },
};

export function isSchemeId(value: unknown): value is SchemeId {
  return (SCHEME_IDS as readonly unknown[]).includes(value);
}
