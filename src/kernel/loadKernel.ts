import type { Kernel } from './Kernel';

/**
 * Compiles the SIMD kernel and binds it to a memory.
 * @param wasm the bytes of `dist/kernel.wasm`
 */
export async function loadKernel(wasm: BufferSource, memory: WebAssembly.Memory): Promise<Kernel> {
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory } });
  return instance.exports as unknown as Kernel;
}
