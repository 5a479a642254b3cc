const PAGE = 65_536;
const LARGEST = 2 ** 32;
/** Vectors load fastest where they do not straddle cache lines. */
const ALIGNMENT = 64;

/**
 * A Wasm memory whose layout TypeScript owns: areas are handed out one after the other and all given back at once.
 *
 * ```
 * 0      64                                                       size - 64 KiB   size
 * | none | parameters | statistics | slabs of weights | codes | … | never used    |
 * ```
 *
 * The first bytes are kept free so that pointer 0 can mean "none", the last page so that the end of an area never wraps to 0.
 * Which areas there are, and in which order, is the caller's choice.
 *
 * Keep pointers, not views: growing detaches every older view, so they are made anew for each use, which costs next to nothing.
 */
export class KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 17, maximum: 65_536 });
  private end = ALIGNMENT;

  /** Forgets all areas. */
  reset(): void {
    this.end = ALIGNMENT;
  }

  /**
   * Hands out an area of `bytes` bytes.
   * @returns its pointer
   * @throws RangeError if 4 GiB or the machine's memory do not suffice; areas handed out before stay as they are
   */
  reserve(bytes: number): number {
    if (!Number.isInteger(bytes) || bytes < 0) throw new RangeError(`Cannot reserve ${bytes} bytes.`);
    const pointer = this.end;
    const end = pointer + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (end + PAGE > LARGEST) throw new RangeError(`The kernel's memory cannot hold ${bytes} more bytes.`);
    this.growTo(end + PAGE);
    this.end = end;
    return pointer;
  }

  uint8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  uint16(pointer: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  uint32(pointer: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  float64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length);
  }

  private growTo(size: number): void {
    const missing = size - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw new RangeError(`The machine has no ${size} bytes for the kernel's memory.`, { cause });
    }
  }
}
