import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Build from '../../src/kernel/build.mjs';

/** Compiles AssemblyScript. The compiler stays out of the bundle: it finds its own files, and is large. */
export async function compileKernel(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const build = pathToFileURL(join(process.cwd(), 'src/kernel/build.mjs')).href;
  const { buildKernel } = (await import(build)) as typeof Build;
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-bench-'));
  try {
    const file = join(folder, 'out.wasm');
    await buildKernel(file, join(process.cwd(), 'src/kernel/assembly', source));
    return new Uint8Array(await readFile(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}
