import type { NodeProto } from 'onnx-buf';
import { channelsBefore, type Channels } from './channelTracking';
import { quantizedConstant, readExpression, reshapeTarget } from './constantExpression';
import { dataInputs } from '../graph/dataMovement';
import { isFloat } from '../file/elementTypes';
import type { ConstantTensor, Scope } from '../graph/Scope';
import type { Source, StepBudget } from './weightSources';

interface Step {
  readonly scope: Scope;
  readonly name: string;
  readonly channels: Channels | null;
  /** What the tensor is reshaped to on its way from here; null if it is not, or is joined or cut there. */
  readonly target: readonly number[] | null;
}

/**
 * Follows a weight input back to what it is made of.
 * @param channels where the output channels are in that input
 * @throws UserError if that takes too many steps
 */
export function traceWeight(scope: Scope, name: string, channels: Channels, budget: StepBudget): Source[] {
  if (!scope.isConstant(name)) return [{ kind: 'runtime' }];
  const sources: Source[] = [];
  const seen = new Set<ConstantTensor | NodeProto>();
  const steps: Step[] = [{ scope, name, channels, target: null }];
  // The list grows while it is walked: no recursion, whose depth the file would choose.
  for (const step of steps) {
    budget.spend();
    const definition = step.name === '' ? undefined : step.scope.resolve(step.name);
    if (!definition || definition.kind === 'input') continue;
    const thing = definition.kind === 'constant' ? definition.constant : definition.node;
    if (seen.has(thing)) continue;
    seen.add(thing);
    if (definition.kind === 'constant') sources.push(ofConstant(definition.constant, step.channels));
    else {
      const { node, scope: home } = definition;
      const inputs = dataInputs(node);
      if (!inputs) sources.push(readExpression(home, node, step.target, budget));
      else {
        const before = step.channels && channelsBefore(node, home, step.channels);
        const target = targetBefore(node, home, step.target);
        for (const input of inputs) steps.push({ scope: home, name: input, channels: before, target });
      }
    }
  }
  return sources;
}

/** Operators behind which a tensor is more or less than what goes in. */
const RESIZING: ReadonlySet<string> = new Set(['Concat', 'Split', 'Expand']);

function targetBefore(node: NodeProto, scope: Scope, target: Step['target']): Step['target'] {
  if (RESIZING.has(node.opType)) return null;
  return target ?? (node.opType === 'Reshape' ? reshapeTarget(node, scope) : null);
}

function ofConstant(constant: ConstantTensor, channels: Channels | null): Source {
  if (constant.sparse) return { kind: 'none', reason: 'weight is sparse' };
  if (isFloat(constant.tensor.dataType)) return { kind: 'float', constant, channels };
  return quantizedConstant(constant);
}
