/** What an export repairs, as a text in a recipe: `off`, `auto` for all that helps, or passes, as in `gptq,bias`. */

/** The passes in the order in which an export takes them. */
export const REPAIR_PASSES = ['equalize', 'gptq', 'ranges', 'bias', 'kernels'] as const;

/**
 * - `equalize`: channels are scaled so that those of one tensor have like ranges; the float model computes the same.
 * - `gptq`: weights are rounded so that the layer's outputs change least, by the second moments of what it reads.
 * - `ranges`: each activation has the range that changes outputs least.
 * - `bias`: biases take up the mean error of a layer's outputs.
 * - `kernels`: integers are written in the form whose kernels compute what was meant, the fastest of these.
 */
export type RepairPass = (typeof REPAIR_PASSES)[number];
export type RepairChoice = string;

export const NO_REPAIR: RepairChoice = 'off';
export const EVERY_REPAIR: RepairChoice = 'auto';

/** The passes in words. */
export const REPAIR_NAMES: Readonly<Record<RepairPass, string>> = {
  equalize: 'Equalized channels',
  gptq: 'Rounding by moments',
  ranges: 'Activation ranges',
  bias: 'Bias correction',
  kernels: 'Form of integers',
};

/** For editors, which cannot parse. */
export const REPAIR_PATTERN = `^(${NO_REPAIR}|${EVERY_REPAIR}|(${REPAIR_PASSES.join('|')})(,(${REPAIR_PASSES.join('|')}))*)$`;
export const REPAIR_EXAMPLES = [EVERY_REPAIR, NO_REPAIR, 'gptq', 'gptq,bias'];

/** The passes that a text stands for; null if it is none. */
export function parseRepair(text: unknown): ReadonlySet<RepairPass> | null {
  if (text === NO_REPAIR) return new Set();
  if (text === EVERY_REPAIR) return new Set(REPAIR_PASSES);
  if (typeof text !== 'string') return null;
  const names = text.split(',');
  return names.every(isPass) ? new Set(names) : null;
}

/** The choice with one pass more. @param choice one that `parseRepair` takes */
export function withPass(choice: RepairChoice, pass: RepairPass): RepairChoice {
  const passes = parseRepair(choice)!;
  return choice === EVERY_REPAIR
    ? choice
    : REPAIR_PASSES.filter((each) => each === pass || passes.has(each)).join(',');
}

function isPass(name: string): name is RepairPass {
  return (REPAIR_PASSES as readonly string[]).includes(name);
}
