import { sameMap } from '../../quant/equalization/ChannelMap';
import type { Graph } from '../graph/Graph';
import type { ConstantTensor } from '../graph/Scope';
import type { Operand } from './EqualizationPair';

/**
 * Whether weights, which keep their names, are read by the operands' nodes alone, and all of these scale them alike. Other constants are
 * given to their nodes anew where others read them.
 */
export function isOnlyUse(
  graph: Graph,
  named: ReadonlyMap<ConstantTensor, string>,
  operands: readonly Operand[],
): boolean {
  return [...byConstant(operands)].every(([constant, [first, ...others]]) => {
    const alike = others.every(
      ({ map, multiplied }) => multiplied === first!.multiplied && sameMap(map, first!.map),
    );
    if (!named.has(constant)) return alike;
    const readers = graph.consumers(constant.name).length;
    return alike && readers === 1 + others.length && !graph.isOutput(constant.name);
  });
}

/** The operands of each constant. */
export function byConstant(operands: readonly Operand[]): ReadonlyMap<ConstantTensor, readonly Operand[]> {
  const uses = new Map<ConstantTensor, Operand[]>();
  for (const operand of operands) {
    const list = uses.get(operand.constant);
    if (list) list.push(operand);
    else uses.set(operand.constant, [operand]);
  }
  return uses;
}
