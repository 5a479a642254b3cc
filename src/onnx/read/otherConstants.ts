import type { SkippedSummary } from '../../core/model/model';
import { isFloat } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import { dataInputs } from '../graph/dataMovement';
import type { ConstantTensor, Definition, Scope } from '../graph/Scope';
import { elementCount, tensorShape } from '../file/shapes';
import { checkTensor, tensorByteLength } from '../file/tensor';
import { roleOf } from './weightOps';

/** A constant's use in the graph. */
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
        ? { op: roles.get(definition)?.op ?? '', reason: 'scale or table of a quantized weight' }
        : roleIn(constant, roles.get(definition));
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

function roleIn(constant: ConstantTensor, role: Role = { op: '', reason: 'not used' }): Role {
  if (constant.scope.isTraining) return { ...role, reason: 'in a training-only graph' };
  if (constant.sparse) return { ...role, reason: 'sparse tensor' };
  return constant.tensor.dims.includes(0n) ? { ...role, reason: 'empty tensor' } : role;
}

/** The role of each constant for its first user; one that is moved about has the role of what it becomes. */
function rolesOf(scopes: readonly Scope[]): Map<Definition, Role> {
  const roles = new Map<Definition, Role>();
  const note = (scope: Scope, name: string, role: Role) => {
    const definition = name === '' ? undefined : scope.resolve(name);
    if (definition) roles.set(definition, role);
  };
  // From the end, so that readers come before what they read, and what is noted last is what the first of them says.
  for (const scope of scopes.toReversed()) {
    for (const output of scope.graph.output.toReversed())
      note(scope, typeof output === 'string' ? output : output.name, {
        op: '',
        reason: 'output of its graph',
      });
    for (const node of scope.graph.node.toReversed()) {
      const moves = dataInputs(node) !== null;
      const made = moves && node.output.map((name) => roles.get(scope.definitions.get(name)!)).find(Boolean);
      for (const [index, name] of [...node.input.entries()].reverse()) {
        const isData = index === 0 || node.opType === 'Concat';
        note(scope, name, (isData && made) || { op: node.opType, reason: roleOf(node, index) });
      }
    }
  }
  return roles;
}
