/**
 * How fast the SIMD kernel is: against its plain TypeScript twin, against merely reading the same memory and, where there is a C
 * compiler, against the same loop in C with 128-bit vectors; all in one run and by turns, so that the ratios hold on a busy machine
 * too. Run it in the repository's root.
 */
import { Random } from '../../src/engine/data/random';
import type { Kernel } from '../../src/kernel/Kernel';
import { KernelMemory } from '../../src/kernel/KernelMemory';
import { loadKernel } from '../../src/kernel/loadKernel';
import { createTwin } from '../reference/kernel/createTwin';
import { compileKernel } from './compileKernel';
import { COUNT, slabLoops } from './kernelLoops';
import { NativeLoops } from './NativeLoops';
import { Table } from './Table';

const SLABS = 32;
const SLAB_BYTES = COUNT * 4;
const ROUNDS = 7;

type ReadOnly = (src: number, count: number) => number;

async function loadReadOnly(memory: WebAssembly.Memory): Promise<ReadOnly> {
  const { instance } = await WebAssembly.instantiate(await compileKernel('readOnly.ts'), { env: { memory } });
  return instance.exports['readOnly'] as ReadOnly;
}

function reserveSlabs(memory: KernelMemory): number[] {
  const random = new Random(1);
  return Array.from({ length: SLABS }, () => {
    const slab = memory.reserve(SLAB_BYTES);
    const weights = memory.float32(slab, COUNT);
    for (let i = 0; i < weights.length; i++) weights[i] = random.normal();
    return slab;
  });
}

/** Makes one pass over all slabs, and says how many GB/s that was. */
type Contestant = () => number | Promise<number>;

function timed(slabs: readonly number[], pass: (src: number) => unknown): Contestant {
  return () => {
    const start = performance.now();
    for (const slab of slabs) pass(slab);
    return (SLABS * SLAB_BYTES) / (performance.now() - start) / 1e6;
  };
}

/** Lets all run by turns; returns each contestant's GB/s in every round. The first round only warms up. */
async function race(contestants: readonly Contestant[]): Promise<number[][]> {
  const speeds = contestants.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [which, contestant] of contestants.entries()) {
      const speed = await contestant();
      if (round > 0) speeds[which]!.push(speed);
    }
  }
  return speeds;
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1]!;
}

/** Median of the ratios round by round: what slows a round down, slows both. */
function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((speed, round) => speed / b[round]!));
}

/** Prints one table. */
export async function benchKernel(): Promise<void> {
  const memory = new KernelMemory();
  const loops = slabLoops(memory);
  const slabs = reserveSlabs(memory);
  const simd: Kernel = await loadKernel(await compileKernel('index.ts'), memory.memory);
  const twin = createTwin(memory.memory);
  const read = await loadReadOnly(memory.memory);
  const c = NativeLoops.start();
  const table = new Table('loop', 'SIMD GB/s', 'times twin', 'of a plain read', 'of C, 128 bits');
  try {
    for (const [name, { run, native }] of Object.entries(loops)) {
      const [fast, plain, reading, inC] = (await race([
        timed(slabs, (src) => run(simd, src)),
        timed(slabs, (src) => run(twin, src)),
        timed(slabs, (src) => read(src, COUNT)),
        ...(c && native ? [() => c.pass(native)] : []),
      ])) as [number[], number[], number[], number[]?];
      const share = (other: readonly number[]) => `${(100 * medianRatio(fast, other)).toFixed(0)} %`;
      const times = medianRatio(fast, plain).toFixed(1);
      table.add(name, median(fast).toFixed(1), times, share(reading), inC ? share(inC) : '');
    }
  } finally {
    c?.dispose();
  }
  console.log(`GB/s of float32 weights, median of ${ROUNDS} rounds over ${SLABS} MiB in slabs of 1 MiB`);
  console.log(`${String(table)}\n`);
  if (!c) console.log('No C compiler was found to compare with.\n');
}
