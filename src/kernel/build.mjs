/** Compiles the kernel from AssemblyScript to SIMD Wasm. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const KERNEL = join(dirname(fileURLToPath(import.meta.url)), 'assembly', 'index.ts');

const FLAGS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  // TypeScript owns the memory; 65,536 pages are the 4 GiB that 32-bit pointers reach.
  ...['--importMemory', '--initialMemory', '17', '--maximumMemory', '65536'],
];

/**
 * @param {string} outFile where the .wasm goes
 * @param {string} [entry] what to compile; the kernel unless a benchmark brings its own
 * @throws Error with the compiler's messages
 */
export async function buildKernel(outFile, entry = KERNEL) {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const argv = [basename(entry), '--baseDir', dirname(entry), '--outFile', 'kernel.wasm', ...FLAGS];
  // asc knows paths below its base folder only, so the result is written here: it may belong on another drive.
  const { error, stderr } = await asc.main(argv, {
    writeFile: (_, contents) => void (wasm = /** @type {Uint8Array} */ (contents)),
  });
  if (error || !wasm) throw new Error(`The kernel does not compile.\n${stderr.toString()}`, { cause: error });
  await mkdir(dirname(outFile), { recursive: true });
  await writeFile(outFile, wasm);
}
