import { KernelMemory } from '../../../src/kernel/KernelMemory';

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

const CANARY = 0xa5;
const GUARD = 64;

interface Area {
  readonly start: number;
  readonly bytes: number;
  /** The content that the area must still hold; undefined for an output. */
  readonly input?: Uint8Array;
}

/** A kernel's memory in which every area lies between bytes that nobody may touch, and no input may change. */
export class Arena {
  readonly memory = new KernelMemory();
  private areas: Area[] = [];

  reset(): void {
    this.memory.reset();
    this.areas = [];
  }

  /** Copies numbers into the memory. @param offset from an address that suits all numbers */
  input(numbers: Numbers, offset = 0): number {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
    const start = this.guard(bytes.length, offset);
    this.memory.uint8(start, bytes.length).set(bytes);
    this.areas.push({ start, bytes: bytes.length, input: bytes });
    return start;
  }

  /** Room for a result. */
  output(bytes: number, offset = 0): number {
    const start = this.guard(bytes, offset);
    this.areas.push({ start, bytes });
    return start;
  }

  /** The bytes of all outputs since the last reset, in order. */
  outputs(): Buffer {
    const copies = this.areas.filter(({ input }) => !input).map((area) => this.copy(area.start, area.bytes));
    return Buffer.concat(copies);
  }

  /** Whether inputs, and what lies around all areas, are as they were. */
  intact(): boolean {
    return this.areas.every(({ start, bytes, input }) => {
      const around = [this.copy(start - GUARD, GUARD), this.copy(start + bytes, GUARD)];
      const untouched = around.every((guard) => guard.every((byte) => byte === CANARY));
      return untouched && (!input || this.copy(start, bytes).equals(input));
    });
  }

  private guard(bytes: number, offset: number): number {
    const whole = bytes + 3 * GUARD;
    const pointer = this.memory.reserve(whole);
    this.memory.uint8(pointer, whole).fill(CANARY);
    return pointer + GUARD + offset;
  }

  private copy(start: number, bytes: number): Buffer {
    return Buffer.from(this.memory.uint8(start, bytes));
  }
}
