/** Sentences about the form of weights that was chosen for integer kernels. */
import { CPU_FACTS, type CpuChoice } from '../../../core/recipe/cpu';
import type { WeightForms } from './weightForms';

export function exactText(cpu: CpuChoice): string {
  return `Weights are in signed codes, whose integer kernels are exact and the fastest ${onCpu(cpu)}.`;
}

/** Describes the pairs that may overflow, as the beginning of a sentence. */
export function dangerText(forms: readonly WeightForms[], cpu: CpuChoice): string {
  const overflowing = forms.filter(({ pairs }) => pairs > 0);
  const pairs = overflowing.reduce((sum, form) => sum + form.pairs, 0);
  return pairs === 0
    ? `No two neighbouring products overflow 16 bits ${onCpu(cpu)}`
    : `${count(pairs, 'pair')} of neighbouring products in ${count(overflowing.length, 'layer')} may overflow 16 bits ${onCpu(cpu)}`;
}

/** Names the forms of layers with such pairs. @param safe, unsigned numbers of layers */
export function formsText(safe: number, unsigned: number): string {
  const time = CPU_FACTS['x64-avx2'].unsignedTime;
  return [
    ...(safe > 0 ? [`${count(safe, 'layer')} got signed codes of which none can, at the same speed.`] : []),
    ...(unsigned > 0
      ? [
          `${count(unsigned, 'layer')} got unsigned codes, whose kernels are exact and take up to ${time} times as long.`,
        ]
      : []),
  ].join(' ');
}

function onCpu(cpu: CpuChoice): string {
  return cpu === 'here' ? 'on this machine' : `on ${CPU_FACTS[cpu].label}`;
}

function count(number: number, unit: string): string {
  return `${number.toLocaleString('en')} ${unit}${number === 1 ? '' : 's'}`;
}
