import type { Kernel } from './Kernel';

/**
 * Compiles the SIMD kernel and binds it to a memory.
 * @param wasm the bytes of `dist/kernel.wasm`
 */
export async function loadKernel(wasm: BufferSource, memory: WebAssembly.Memory): Promise<Kernel> {
  return bindKernel(await WebAssembly.compile(wasm), memory);
}

/** Binds the compiled kernel to a memory; threads share the compiled code, and have a memory each. */
export async function bindKernel(kernel: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernel> {
  const { exports } = await WebAssembly.instantiate(kernel, { env: { memory } });
  return exports as unknown as Kernel;
}
