import { choice } from '../options/Option';
import type { SchemeFamily } from './SchemeFamily';

/** bfloat16 or IEEE binary16, without a scale. */
export interface HalfSpec {
  readonly family: 'half';
  readonly format: 'bf16' | 'fp16';
}

const LAYOUTS = [
  { value: 'fp16', label: 'float16' },
  { value: 'bf16', label: 'bfloat16' },
];

export const half: SchemeFamily<HalfSpec> = {
  formats: [
    {
      id: 'half',
      label: 'Half float',
      names: ['bf16', 'fp16'],
      description: '16-bit floats',
      make: (name) => ({ family: 'half', format: name as HalfSpec['format'] }),
      nearest: () => 'fp16',
    },
  ],
  options: [],
  nameOf: ({ format }) => format,
  describe: ({ format }) =>
    format === 'bf16' ? 'bfloat16: 8 exponent and 7 mantissa bits' : 'IEEE half precision',
  codeBits: () => 16,
  controls: ({ format }) => [choice('layout', 'Layout', format, LAYOUTS, (value) => ({ format: value }))],
  mark: 'float',
  about: '16-bit floats without a scale',
  presets: { all: ['fp16', 'bf16'] },
};
