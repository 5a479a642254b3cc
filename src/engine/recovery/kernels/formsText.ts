/** Sentences about the form of weights that was chosen for integer kernels. */
import { CPU_FACTS, type CpuChoice } from '../../../core/recipe/cpu';
import type { OverflowingLayer, WeightForms } from './weightForms';

export function exactText(cpu: CpuChoice): string {
  return `Weights are in signed codes, whose integer kernels are exact and the fastest ${onCpu(cpu)}.`;
}

/** Describes the pairs that may overflow, as the beginning of a sentence. */
export function dangerText(layers: readonly OverflowingLayer[], cpu: CpuChoice): string {
  const pairs = layers.reduce((sum, layer) => sum + layer.pairs, 0);
  return pairs === 0
    ? `No two neighbouring products can overflow 16 bits ${onCpu(cpu)}`
    : `${count(pairs, 'pair')} of neighbouring products in ${count(layers.length, 'layer')} may overflow 16 bits ${onCpu(cpu)}`;
}

/** Says what was done about those that overflow on samples. @param unsigned so many of the layers have unsigned codes */
export function formsText(layers: readonly WeightForms[], unsigned: number): string {
  const pairs = layers.reduce((sum, layer) => sum + layer.observed, 0);
  if (pairs === 0) return 'None does on your data: weights are in signed codes.';
  const safe = layers.length - unsigned;
  const time = CPU_FACTS['x64-avx2'].unsignedTime;
  return [
    `${count(pairs, 'pair')} in ${count(layers.length, 'layer')} can on data like yours.`,
    ...(safe > 0 ? [`${count(safe, 'layer')} got signed codes of which none does, at the same speed.`] : []),
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
