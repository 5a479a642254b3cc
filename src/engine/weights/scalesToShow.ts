import type { Quantizer } from '../../quant/Quantizer';

/** More numbers than this are no use to anybody; evenly chosen ones stand for them. */
const MAX_SCALES = 4096;

/** A quantizer's scales and zero points as a person sees them. */
export function scalesToShow(quantizer: Quantizer): { scales: Float32Array; zeroPoints: Int32Array | null } {
  switch (quantizer.kind) {
    case 'affine':
      return {
        scales: thin(quantizer.scales),
        zeroPoints: quantizer.zeroPoints && thin(quantizer.zeroPoints),
      };
    case 'log':
      return { scales: thin(Float32Array.from(quantizer.exponents, (e) => 2 ** e)), zeroPoints: null };
    case 'vector':
      return { scales: new Float32Array(0), zeroPoints: null };
    case 'table':
      return {
        scales: quantizer.fitted === 'scales' ? thin(quantizer.scales) : new Float32Array(0),
        zeroPoints: null,
      };
    default:
      return { scales: thin(quantizer.scales), zeroPoints: null };
  }
}

function thin<T extends Float32Array | Int32Array>(numbers: T): T {
  const step = Math.ceil(numbers.length / MAX_SCALES);
  return step <= 1 ? numbers : (numbers.filter((_, i) => i % step === 0) as T);
}
