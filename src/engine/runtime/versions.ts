import { RUNTIME_VERSION } from './RuntimeModel';

/** Defined at build time: a digest of the engine's sources, see `engineVersion.mjs`. */
declare const ENGINE_VERSION: string;

/** Of all that computes results, for `Origin`: those of other versions are not used. */
export const VERSIONS: readonly string[] = [ENGINE_VERSION, RUNTIME_VERSION];
