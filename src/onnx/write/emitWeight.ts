import type { EncodedScalars, EncodedTensor } from '../../quant/EncodedTensor';
import { emitNumbers } from './emitCodes';
import { canDequantize, emitDequantized } from './emitDequantized';
import { emitScaled } from './emitScales';
import { emitVectors } from './emitVectors';
import { GraphFragment } from './GraphFragment';
import { storedShape } from './Stored';
import type { WeightTarget } from './WeightTarget';

/**
 * Writes a quantized weight into the graph: its stored codes, and standard operators that turn them back into the weight at the
 * model's own opset. DequantizeLinear where it can; elsewhere codes become numbers by Cast or by looking up what each byte stands
 * for, which Sub and Mul scale. Each computes `fround(number * scale)`, so that the weight is the simulated one to the last bit.
 */
export function emitWeight(tensor: EncodedTensor, target: WeightTarget): GraphFragment {
  const fragment = new GraphFragment(target.name, target.opset, target.freshName, target.shared);
  fragment.finish(emit(fragment, tensor, target), target.dataType);
  return fragment;
}

function emit(fragment: GraphFragment, tensor: EncodedTensor, target: WeightTarget): string {
  if (tensor.kind === 'vectors') return emitVectors(fragment, tensor, target);
  if (canDequantize(tensor, target)) return emitDequantized(fragment, tensor, target);
  return emitScalars(fragment, tensor, target);
}

function emitScalars(fragment: GraphFragment, tensor: EncodedScalars, target: WeightTarget): string {
  const { shape, layout } = target;
  const stored = storedShape(tensor, shape, layout);
  const { bits, codes, numbers, scales } = tensor;
  const value = emitNumbers(
    fragment,
    { hint: 'codes', bits, codes, shape: stored.shape },
    numbers,
    stored.axis,
  );
  const scaled = scales === null ? value : emitScaled(fragment, value, { ...tensor, scales }, stored, layout);
  return stored.shape === shape ? scaled : fragment.reshape(scaled, shape);
}
