import type { SchemeFamily } from './SchemeFamily';

/** The weights as they are. */
export interface FloatSpec {
  readonly family: 'float';
}

export const float: SchemeFamily<FloatSpec> = {
  formats: [
    {
      id: 'float',
      label: 'Float, as it is',
      names: ['float'],
      description: 'leave the weights as they are',
      make: () => ({ family: 'float' }),
      nearest: () => 'float',
    },
  ],
  options: [],
  nameOf: () => 'float',
  describe: () => 'Leave the weights as they are',
  codeBits: () => 32,
  controls: () => [],
  mark: 'float',
  about: 'leave alone',
  presets: {},
};
