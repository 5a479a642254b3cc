/** Uniform affine quantization: Jacob et al. 2017, section 2.1 (r = S (q - Z)), and its symmetric case Z = 0. */
import type { AffineQuantizer } from '../Quantizer';
import { absMax, wholeTensor, type RowStats } from '../RowStats';

const SMALLEST_NORMAL = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Codes -127..127, scale absmax / 127 per row. -128 is left out so that the grid is symmetric. */
export function int8(stats: RowStats): AffineQuantizer {
  return symmetric(stats, 8);
}

/** As `int8` with one scale for the tensor. */
export function int8PerTensor(stats: RowStats): AffineQuantizer {
  return symmetric(wholeTensor(stats), 8);
}

/** Codes -7..7, scale absmax / 7 per row. */
export function int4(stats: RowStats): AffineQuantizer {
  return symmetric(stats, 4);
}

/** Codes 0..255; the range of a row is widened to hold zero, which an integer zero point then represents exactly. */
export function uint8(stats: RowStats): AffineQuantizer {
  const rows = stats.min.length;
  const scales = new Float32Array(rows);
  const zeroPoints = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const lo = Math.min(stats.min[row]!, 0);
    const hi = Math.max(stats.max[row]!, 0);
    const scale = (hi - lo) / 255;
    const zeroPoint = scale === 0 ? 0 : Math.round(-lo / scale);
    zeroPoints[row] = zeroPoint;
    scales[row] = usableScale(scale, Math.max(zeroPoint, 255 - zeroPoint));
  }
  return { kind: 'affine', bits: 8, qmin: 0, qmax: 255, scales, zeroPoints };
}

function symmetric(stats: RowStats, bits: 4 | 8): AffineQuantizer {
  const qmax = 2 ** (bits - 1) - 1;
  const scales = Float32Array.from(stats.min, (_, row) => usableScale(absMax(stats, row) / qmax, qmax));
  return { kind: 'affine', bits, qmin: -qmax, qmax, scales, zeroPoints: null };
}

/**
 * The float32 scale nearest to `scale` that can be divided by, and whose multiples up to `largest` are finite. A row of
 * zeros gets scale 1: any would do, and 1 reads well.
 */
function usableScale(scale: number, largest: number): number {
  if (scale === 0) return 1;
  const rounded = Math.fround(Math.min(Math.max(scale, SMALLEST_NORMAL), LARGEST / largest));
  return Number.isFinite(Math.fround(rounded * largest)) ? rounded : nextBelow(rounded);
}

/** The float32 number before a positive one. */
function nextBelow(value: number): number {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = value;
  bits[0] = bits[0]! - 1;
  return float[0];
}
