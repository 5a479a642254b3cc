import { logGamma } from './gamma';

/** Shapes beyond these are no better a description of weights, and numbers get hard to compute. */
const MIN_SHAPE = 0.4;
const MAX_SHAPE = 8;

/**
 * The generalized Gaussian distribution of mean 0 and variance 1: density proportional to exp(-|x / a|^shape). Shape 1 is the Laplacian, 2 the Gaussian;
 * large ones come near the uniform distribution (Nadarajah 2005; Mallat 1989 for fitting by moments).
 */
export class GeneralizedGaussian {
  /** The a of the density. */
  readonly scale: number;
  private readonly factor: number;

  constructor(readonly shape: number) {
    this.scale = Math.exp((logGamma(1 / shape) - logGamma(3 / shape)) / 2);
    this.factor = shape / (2 * this.scale * Math.exp(logGamma(1 / shape)));
  }

  density(x: number): number {
    return this.factor * Math.exp(-((Math.abs(x) / this.scale) ** this.shape));
  }

  /** Differential entropy in nats. */
  get entropy(): number {
    return 1 / this.shape - Math.log(this.factor);
  }

  /** Variance of the Gaussian with the same entropy: 1 for a Gaussian, less for all others (Shannon 1948, section 21). */
  get entropyPower(): number {
    return Math.exp(2 * this.entropy) / (2 * Math.PI * Math.E);
  }

  /** Beyond this, a weight is too seldom to matter to any sum. */
  get reach(): number {
    return this.scale * 50 ** (1 / this.shape);
  }
}

/** E|x| of the distribution with variance 1. */
function meanMagnitude(shape: number): number {
  return Math.exp(logGamma(2 / shape) - (logGamma(1 / shape) + logGamma(3 / shape)) / 2);
}

/**
 * The shape whose ratio of mean magnitude to deviation, E|x| / sqrt(E x^2), is the one given: it grows with the shape.
 * Ratios that no shape from 0.4 to 8 has get the nearer end.
 */
export function fitShape(ratio: number): number {
  let [low, high] = [MIN_SHAPE, MAX_SHAPE];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (meanMagnitude(middle) < ratio) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
