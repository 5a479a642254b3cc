import type { NodeProto } from 'onnx-buf';
import { attribute, isStandard } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { tensorShape } from '../file/shapes';
import { tensorBytes } from '../file/tensor';
import type { ExternalFiles } from '../file/externalData';
import { broadcastOperand, floatConstant, keepsAxes } from './constantOperand';
import type { Operand } from './EqualizationPair';
import { fromFront, placeAfter, type Place } from './Place';

/** An activation behind a node that the scales of its input pass through. */
export interface Passed {
  readonly output: string;
  readonly place: Place;
  /** Constants that are scaled with it. */
  readonly operands: readonly Operand[];
}

/** f(x / s) = f(x) / s for s > 0, element by element. */
const HOMOGENEOUS: ReadonlySet<string> = new Set(['Identity', 'Relu', 'LeakyRelu', 'PRelu', 'Dropout']);
/** Means and maxima over positions of one channel, which is axis 1 there. */
const POOLING: ReadonlySet<string> = new Set([
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool'],
]);

/**
 * Follows scales from an input of a node to its output.
 * @param place of the channels in that input
 * @returns null unless the node makes a scaled output of a scaled input
 */
export function passThrough(
  node: NodeProto,
  index: number,
  place: Place,
  channels: number,
  scope: Scope,
  files: ExternalFiles,
): Passed | null {
  const [output, ...others] = node.output;
  if (!output || others.some(Boolean) || !isStandard(node)) return null;
  const same: Passed = { output, place, operands: [] };
  const { opType } = node;
  if (opType === 'Add' || opType === 'Sub') {
    const operand = broadcastOperand(node, 1 - index, place, channels, scope);
    return operand && { output, place, operands: [operand] };
  }
  if (opType === 'Mul' || (opType === 'Div' && index === 0))
    return isFactor(node, 1 - index, place, scope) ? same : null;
  if (index !== 0) return null;
  // A Dropout with a third input may be in training.
  if (HOMOGENEOUS.has(opType)) return opType === 'Dropout' && node.input.length > 2 ? null : same;
  if (opType === 'Clip') return isRelu(node, scope, files) ? same : null;
  if (POOLING.has(opType)) return fromFront(place) === 1 && place.inner === 1 ? same : null;
  const moved = placeAfter(node, scope, place, channels);
  return moved && { output, place: moved, operands: [] };
}

/** Whether the other operand of a product leaves axes where they are; of an activation, whose rank is not known, that is taken for granted. */
function isFactor(node: NodeProto, index: number, place: Place, scope: Scope): boolean {
  const constant = floatConstant(node, index, scope);
  if (constant) return keepsAxes(tensorShape(constant.tensor), place);
  return node.input[index] !== node.input[1 - index] && !scope.isConstant(node.input[index]!);
}

/** Whether a Clip has no end but zero: any other end would have to move with each channel. */
function isRelu(node: NodeProto, scope: Scope, files: ExternalFiles): boolean {
  if (attribute(node, 'max') ?? node.input[2]) return false;
  const least = attribute(node, 'min')?.f;
  if (least !== undefined) return least === 0;
  const constant = floatConstant(node, 1, scope);
  return constant !== null && tensorBytes(constant.tensor, files).every((byte) => byte === 0);
}
