/** Compiles the kernel from AssemblyScript to SIMD Wasm. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const FOLDER = dirname(fileURLToPath(import.meta.url));

/**
 * @param {string} outFile where the .wasm goes
 * @param {string} [entry] what to compile; the kernel unless a benchmark brings its own
 */
export async function buildKernel(outFile, entry = join(FOLDER, 'assembly/index.ts')) {
  await mkdir(dirname(outFile), { recursive: true });
  // asc takes paths relative to the working directory, with forward slashes.
  const path = (/** @type {string} */ file) => relative(process.cwd(), file).replaceAll('\\', '/');
  const flags = [
    ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    // TypeScript owns the memory; 65,536 pages are the 4 GiB that 32-bit pointers reach.
    ...['--importMemory', '--initialMemory', '17', '--maximumMemory', '65536'],
  ];
  const { error, stderr } = await asc.main([path(entry), '-o', path(outFile), ...flags]);
  if (error) throw new Error(`The kernel does not compile.\n${stderr.toString()}`, { cause: error });
}
