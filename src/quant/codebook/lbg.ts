import type { Pause } from '../../base/pauses';

/** Finds every vector's nearest entry, over all vectors. */
export type AssignPass = (
  codebook: Float32Array,
  entries: number,
) => { readonly distortion: number; readonly sums: Float64Array; readonly counts: Uint32Array };

/** Iterations end when the distortion falls by less than this share; only the last codebook is worth the finer measure. */
const ENOUGH_WHILE_GROWING = 0.02;
const ENOUGH = 1e-3;
const MAX_WHILE_GROWING = 4;
const MOST = 20;
/** How far the halves of a split entry move, as a share of the mean distance between vectors and their entries. */
const SPLIT = 0.25;

export interface Lbg {
  /** [entries][dimension] */
  readonly codebook: Float32Array;
  /** Squared distances of all vectors together, for each codebook size the values after each iteration. Within a size they never rise. */
  readonly history: readonly { readonly entries: number; readonly distortions: readonly number[] }[];
}

/**
 * Grows a codebook from the mean of all vectors by splitting entries and iterating. Nothing is random, so that the same vectors give the same codebook.
 * Entries that no vector is nearest to are put beside the one with most vectors.
 * @param entries 2 to 256
 */
export async function lbg(
  dimension: number,
  entries: number,
  assign: AssignPass,
  pause: Pause,
): Promise<Lbg> {
  const history: { entries: number; distortions: number[] }[] = [];
  let codebook: Float32Array = new Float32Array(dimension);
  let pass = assign(codebook, 1);
  codebook = centroids(codebook, pass, 0);
  let counts = pass.counts;
  for (let size = 1; size < entries;) {
    const next = Math.min(size * 2, entries);
    codebook = split(codebook, counts, next, spread(pass, dimension));
    size = next;
    const growing = size < entries;
    const distortions: number[] = [];
    let best = codebook;
    for (let i = 0; i < (growing ? MAX_WHILE_GROWING : MOST); i++) {
      await pause();
      pass = assign(codebook, size);
      const before = distortions.at(-1) ?? Infinity;
      // Filling empty cells, and float32 rounding, could make it worse: then the one before was the best.
      if (pass.distortion > before) break;
      distortions.push(pass.distortion);
      [best, counts] = [codebook, pass.counts];
      if (before - pass.distortion < (growing ? ENOUGH_WHILE_GROWING : ENOUGH) * before) break;
      codebook = centroids(codebook, pass, spread(pass, dimension));
    }
    codebook = best;
    history.push({ entries: size, distortions });
  }
  return { codebook, history };
}

/** How far vectors are from their entries, per dimension: root of the mean square. */
function spread({ distortion, counts }: ReturnType<AssignPass>, dimension: number): number {
  const vectors = counts.reduce((sum, count) => sum + count, 0);
  return Math.sqrt(distortion / Math.max(1, vectors * dimension));
}

/** Each entry becomes the mean of its vectors; an empty one goes beside the most crowded. */
function centroids(
  codebook: Float32Array,
  { sums, counts }: ReturnType<AssignPass>,
  distance: number,
): Float32Array {
  const dimension = codebook.length / counts.length;
  const next = codebook.map((value, i) => {
    const count = counts[Math.floor(i / dimension)]!;
    return count === 0 ? value : sums[i]! / count;
  });
  const left = counts.slice();
  counts.forEach((count, entry) => {
    if (count > 0) return;
    const crowded = left.indexOf(Math.max(...left));
    left[crowded]! >>= 1;
    left[entry] = left[crowded]!;
    const neighbour = next.subarray(crowded * dimension, (crowded + 1) * dimension);
    next.set(moved(neighbour, entry, distance), entry * dimension);
  });
  return next;
}

/** Doubles the entries, or as many as are wanted, those with most vectors first: each moves one way, its twin the other. */
function split(codebook: Float32Array, counts: Uint32Array, entries: number, distance: number): Float32Array {
  const size = counts.length;
  const dimension = codebook.length / size;
  const order = Array.from({ length: size }, (_, entry) => entry).sort((a, b) => counts[b]! - counts[a]!);
  const grown = new Float32Array(entries * dimension);
  grown.set(codebook);
  for (let i = 0; i < entries - size; i++) {
    const entry = codebook.subarray(order[i]! * dimension, (order[i]! + 1) * dimension);
    const twin = moved(entry, size + i, distance);
    const opposite = entry.map((value, d) => 2 * value - twin[d]!);
    grown.set(twin, (size + i) * dimension);
    grown.set(opposite, order[i]! * dimension);
  }
  return grown;
}

/** An entry moved a little, each in a direction of its own: the signs are the bits of a hash of its number. */
function moved(entry: Float32Array, number: number, distance: number): Float32Array {
  const signs = Math.imul(number + 1, 0x9e3779b1) >>> 8;
  return entry.map((value, d) => value + (((signs >> d) & 1) === 0 ? SPLIT : -SPLIT) * distance);
}
