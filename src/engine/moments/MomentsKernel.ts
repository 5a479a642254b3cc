import { InputMoments, type MomentsState } from '../../quant/moments/InputMoments';
import type { Moments } from '../../quant/moments/outputError';
import type { Kernel } from '../../kernel/Kernel';
import { KernelMemory } from '../../kernel/KernelMemory';
import type { LoadKernel } from '../weights/WeightKernel';

/** Second moments in a memory of their own, where the kernel multiplies them. */
export class MomentsKernel {
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
    const { kernel, memory } = this;
    const { block, products, inputs } = state;
    memory.reset();
    const sums = memory.reserve(products.byteLength);
    memory.float64(sums, products.length).set(products);
    const row = memory.reserve(inputs * 4);
    const total = memory.reserve(8);
    return InputMoments.from(state, (start, count, d, from) => {
      const numbers = memory.float32(row, count);
      for (let i = 0; i < count; i++) numbers[i] = d[from + i]!;
      memory.float64(total, 1)[0] = 0;
      kernel.quadraticForms(row, 1, count, count, sums + start * block * 8, block, total);
      return memory.float64(total, 1)[0]!;
    });
  }
}
