import { InputMoments, type MomentsState } from '../../quant/moments/InputMoments';
import type { Moments } from '../../quant/moments/outputError';
import type { FormRows, Products, ProductsShape } from '../../quant/moments/Products';
import type { Kernel } from '../../kernel/Kernel';
import { KernelMemory } from '../../kernel/KernelMemory';
import type { LoadKernel } from '../weights/WeightKernel';

/** Rows that are brought into the kernel's memory at once. */
const ROWS = 32;

/** Second moments in a memory of their own, where the kernel sums and multiplies them. */
export class MomentsKernel {
  /** Room for vectors and what belongs to them, which all moments share. */
  private room = { pointer: 0, bytes: 0 };
  private used = false;

  private constructor(
    private readonly kernel: Kernel,
    private readonly memory: KernelMemory,
  ) {}

  static async create(loadKernel: LoadKernel): Promise<MomentsKernel> {
    const memory = new KernelMemory();
    return new MomentsKernel(await loadKernel(memory.memory), memory);
  }

  /** The moments of one layer, until the next ones are held. @throws UserError if the state is damaged */
  hold(state: MomentsState): Moments {
    this.memory.reset();
    this.room = { pointer: 0, bytes: 0 };
    this.used = true;
    return InputMoments.from(state, (shape) => this.place(shape));
  }

  /** Sums of no products yet, beside those that were made before. @throws RangeError if the memory does not suffice */
  products(shape: ProductsShape): Products {
    if (this.used) throw new Error('Where moments were held, memory is not zero.');
    return this.place(shape);
  }

  private place({ inputs, perGroup, block }: ProductsShape): Products {
    const { kernel, memory } = this;
    const length = inputs * block;
    const sums = memory.reserve(length * 8);
    const reserve = (bytes: number) => this.reserve(bytes);
    return {
      get numbers() {
        return memory.float64(sums, length);
      },
      add(first, width, vectors, count, weight) {
        const scratch = 128 + (block + 3) * count * 8;
        const area = reserve(scratch + count * width * 4);
        memory.float32(area + scratch, count * width).set(vectors.subarray(0, count * width));
        kernel.addOuterProducts(
          ...([
            area + scratch,
            count,
            width,
            perGroup,
            block,
            weight,
            sums + first * block * 8,
            area,
          ] as const),
        );
      },
      forms(start, count, { d, from, rows, stride }: FormRows) {
        const totals = new Float64Array(rows);
        const area = reserve(ROWS * (8 + count * 4));
        const numbers = area + ROWS * 8;
        for (let first = 0; first < rows; first += ROWS) {
          const many = Math.min(ROWS, rows - first);
          const target = memory.float32(numbers, many * count);
          for (let r = 0; r < many; r++)
            for (let i = 0; i < count; i++) target[r * count + i] = d[from + (first + r) * stride + i]!;
          memory.float64(area, many).fill(0);
          kernel.quadraticForms(numbers, many, count, count, sums + start * block * 8, block, area);
          totals.set(memory.float64(area, many), first);
        }
        return totals;
      },
    };
  }

  private reserve(bytes: number): number {
    if (bytes > this.room.bytes) this.room = { pointer: this.memory.reserve(bytes), bytes };
    return this.room.pointer;
  }
}
