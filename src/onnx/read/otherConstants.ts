import type { SkippedSummary } from '../../core/model/model';
import { isFloat } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import type { ConstantTensor, Scope } from '../graph/Scope';
import { elementCount, tensorShape } from '../file/shapes';
import { checkTensor, tensorByteLength } from '../file/tensor';
import { roleOf } from './weightOps';

/** What a constant is good for. */
interface Role {
  readonly op: string;
  readonly reason: string;
}

/**
 * Every float constant that is no layer, with the reason.
 * @param taken the weights of layers
 * @param parts constants that belong to quantized weights
 * @throws UserError as `checkTensor`
 */
export function otherConstants(
  scopes: readonly Scope[],
  taken: ReadonlySet<ConstantTensor>,
  parts: ReadonlySet<ConstantTensor>,
  files: ExternalFiles,
): SkippedSummary[] {
  const roles = rolesOf(scopes);
  const skipped: SkippedSummary[] = [];
  for (const scope of scopes) {
    for (const definition of scope.definitions.values()) {
      if (definition.kind !== 'constant' || taken.has(definition.constant)) continue;
      const { constant } = definition;
      if (!isFloat(constant.tensor.dataType)) continue;
      checkTensor(constant.tensor, files);
      const { op, reason } = parts.has(constant)
        ? { op: roles.get(constant)?.op ?? '', reason: 'scale or table of a quantized weight' }
        : roleIn(constant, roles);
      skipped.push({ ...summary(constant), op, reason });
    }
  }
  return skipped;
}

function summary({ name, tensor, sparse }: ConstantTensor) {
  const shape = tensorShape(sparse ? { name, dims: sparse.dims } : tensor);
  return {
    name,
    shape,
    parameters: elementCount(tensorShape(tensor)),
    bytes: tensorByteLength(tensor),
  };
}

function roleIn(constant: ConstantTensor, roles: ReadonlyMap<ConstantTensor, Role>): Role {
  const role = roles.get(constant) ?? { op: '', reason: 'not used' };
  if (constant.scope.isTraining) return { ...role, reason: 'in a training-only graph' };
  if (constant.sparse) return { ...role, reason: 'sparse tensor' };
  return constant.tensor.dims.includes(0n) ? { ...role, reason: 'empty tensor' } : role;
}

/** What each constant is to its first user. */
function rolesOf(scopes: readonly Scope[]): Map<ConstantTensor, Role> {
  const roles = new Map<ConstantTensor, Role>();
  const note = (scope: Scope, name: string, role: () => Role) => {
    const definition = name === '' ? undefined : scope.resolve(name);
    if (definition?.kind === 'constant' && !roles.has(definition.constant))
      roles.set(definition.constant, role());
  };
  for (const scope of scopes) {
    for (const node of scope.graph.node)
      for (const [index, name] of node.input.entries())
        note(scope, name, () => ({ op: node.opType, reason: roleOf(node, index) }));
    for (const output of scope.graph.output)
      note(scope, typeof output === 'string' ? output : output.name, () => ({
        op: '',
        reason: 'output of its graph',
      }));
  }
  return roles;
}
