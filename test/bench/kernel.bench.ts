/**
 * How fast the SIMD kernel is: against its plain TypeScript twin and against merely reading the same memory, all in one
 * run and by turns, so that the ratios hold on a busy machine too. Run it in the repository's root.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Random } from '../../src/analysis/random';
import type * as Build from '../../src/kernel/build.mjs';
import type { Kernel } from '../../src/kernel/Kernel';
import { KernelMemory } from '../../src/kernel/KernelMemory';
import { loadKernel } from '../../src/kernel/loadKernel';
import { createTwin } from '../../src/kernel/twin/createTwin';
import { COLS, ROWS, slabLoops, type SlabLoop } from './kernelLoops';
import { Table } from './Table';

const SLABS = 32;
const SLAB_BYTES = ROWS * COLS * 4;
const ROUNDS = 7;

type ReadOnly = (src: number, count: number) => number;

/** Compiles AssemblyScript. The compiler stays out of the bundle: it finds its own files, and is large. */
async function compile(source: string): Promise<Uint8Array<ArrayBuffer>> {
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

async function loadReadOnly(memory: WebAssembly.Memory): Promise<ReadOnly> {
  const { instance } = await WebAssembly.instantiate(await compile('readOnly.ts'), { env: { memory } });
  return instance.exports['readOnly'] as ReadOnly;
}

function reserveSlabs(memory: KernelMemory): number[] {
  const random = new Random(1);
  return Array.from({ length: SLABS }, () => {
    const slab = memory.reserve(SLAB_BYTES);
    const weights = memory.float32(slab, ROWS * COLS);
    for (let i = 0; i < weights.length; i++) weights[i] = random.normal();
    return slab;
  });
}

/** Passes over all slabs by turns; returns each contestant's GB/s in every round. The first round only warms up. */
function race(slabs: readonly number[], contestants: readonly ((src: number) => void)[]): number[][] {
  const speeds = contestants.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    contestants.forEach((pass, which) => {
      const start = performance.now();
      for (const slab of slabs) pass(slab);
      const seconds = (performance.now() - start) / 1000;
      if (round > 0) speeds[which]!.push((SLABS * SLAB_BYTES) / seconds / 1e9);
    });
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
  const loops: Record<string, SlabLoop> = slabLoops(memory);
  const slabs = reserveSlabs(memory);
  const simd: Kernel = await loadKernel(await compile('index.ts'), memory.memory);
  const twin = createTwin(memory.memory);
  const read = await loadReadOnly(memory.memory);
  const table = new Table('loop', 'SIMD GB/s', 'twin GB/s', 'times twin', 'read GB/s', 'share of read');
  for (const [name, loop] of Object.entries(loops)) {
    const [fast, plain, reading] = race(slabs, [
      (src) => loop(simd, src),
      (src) => loop(twin, src),
      (src) => void read(src, ROWS * COLS),
    ]) as [number[], number[], number[]];
    const speeds = [fast, plain].map((speed) => median(speed).toFixed(1)) as [string, string];
    const share = `${(100 * medianRatio(fast, reading)).toFixed(0)} %`;
    table.add(name, ...speeds, medianRatio(fast, plain).toFixed(1), median(reading).toFixed(1), share);
  }
  console.log(`GB/s of float32 weights, median of ${ROUNDS} rounds over ${SLABS} MiB in slabs of 1 MiB`);
  console.log(String(table));
}
