import type { AffineQuantizer } from '../Quantizer';
import { usableScale } from '../scales';

/** Error of a quantizer in what the activation's readers make of it; less is better. */
export type QuantizerCost = (quantizer: AffineQuantizer) => Promise<number>;

/** A quantizer and its cost. */
export interface Costed {
  readonly quantizer: AffineQuantizer;
  readonly cost: number;
}

/** Shares of the range's width that its ends are moved by, ever finer. */
const STEPS = [0.1, 0.04];
/** Moves in the same direction at one step width. */
const MAX_MOVES = 4;

/**
 * Searches scale and zero point together from where a search over ranges ended: moves either end of the range, or both, while
 * that helps, in steps that become finer (coordinate search, Nocedal and Wright 2006, section 9.3).
 */
export async function refineQuantizer(start: Costed, cost: QuantizerCost): Promise<Costed> {
  let best = start;
  const tried = new Set([keyOf(start.quantizer)]);
  const attempt = async (quantizer: AffineQuantizer): Promise<boolean> => {
    const key = keyOf(quantizer);
    if (tried.has(key)) return false;
    tried.add(key);
    const found = await cost(quantizer);
    if (!(found < best.cost)) return false;
    best = { quantizer, cost: found };
    return true;
  };
  for (const step of STEPS) {
    for (const [low, high] of directionsOf(start.quantizer)) {
      for (let moves = 0; moves < MAX_MOVES; moves++)
        if (!(await attempt(withEnds(best.quantizer, low * step, high * step)))) break;
    }
  }
  return best;
}

/** Which way the ends go: the lower and the upper one; of a range that begins or ends at zero the other end alone. */
function directionsOf({ zeroPoints, qmin, qmax }: AffineQuantizer): (readonly [number, number])[] {
  const zeroPoint = zeroPoints?.[0] ?? 0;
  if (zeroPoints === null)
    return [
      [1, -1],
      [-1, 1],
    ];
  if (zeroPoint === qmin)
    return [
      [0, -1],
      [0, 1],
    ];
  if (zeroPoint === qmax)
    return [
      [1, 0],
      [-1, 0],
    ];
  return [
    [0, -1],
    [0, 1],
    [1, 0],
    [-1, 0],
    [1, -1],
    [-1, 1],
  ];
}

/** The quantizer whose ends are moved by shares of its width. */
export function withEnds(quantizer: AffineQuantizer, lower: number, upper: number): AffineQuantizer {
  const { qmin, qmax, zeroPoints, scales } = quantizer;
  const scale = scales[0]!;
  const zeroPoint = zeroPoints?.[0] ?? 0;
  const width = (qmax - qmin) * scale;
  const low = Math.min(0, (qmin - zeroPoint) * scale + lower * width);
  const high = Math.max(0, (qmax - zeroPoint) * scale + upper * width);
  const moved = usableScale((high - low) / (qmax - qmin), qmax - qmin);
  const scaled = { ...quantizer, scales: Float32Array.of(moved) };
  if (zeroPoints === null) return scaled;
  const code = Math.min(qmax, Math.max(qmin, Math.round(qmin - low / moved)));
  return { ...scaled, zeroPoints: Int32Array.of(code) };
}

function keyOf({ scales, zeroPoints }: AffineQuantizer): string {
  return `${scales[0]} ${zeroPoints?.[0] ?? 0}`;
}
