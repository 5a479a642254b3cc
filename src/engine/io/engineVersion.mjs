import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rooms whose code decides what the engine computes. */
const ROOMS = ['base', 'core', 'quant', 'kernel', 'onnx', 'engine'];

/**
 * A digest of the engine's sources, which builds and tests define as `ENGINE_VERSION`: results that other mathematics computed are
 * under another name, see `ContentFile`.
 * @param {string} src the folder of the sources
 * @returns {string} 16 hexadecimal digits
 */
export function engineVersion(src) {
  const hash = createHash('sha256');
  for (const room of ROOMS)
    for (const file of readdirSync(join(src, room), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /\.m?ts$|\.mjs$/.test(name))
      .sort()) {
      const text = readFileSync(join(src, room, file), 'utf8').replaceAll('\r\n', '\n');
      hash.update(JSON.stringify([room, file, text]));
    }
  return hash.digest('hex').slice(0, 16);
}
