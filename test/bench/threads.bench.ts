/** The gain of a second thread: the same passes by one kernel thread, and shared between two with memories of their own. */
import { once } from 'node:events';
import { parentPort, Worker } from 'node:worker_threads';
import { KernelMemory } from '../../src/kernel/KernelMemory';
import { loadKernel } from '../../src/kernel/loadKernel';
import { compileKernel } from './compileKernel';
import { COUNT, slabLoops } from './kernelLoops';
import { Table } from './Table';

const LOOPS = ['int8, with codes', 'log4, with codes', 'rangeRows', 'nearest of 256 pairs'];
const SLABS = 16;
const PASSES = 24;
const ROUNDS = 5;

interface Job {
  readonly loop: string;
  readonly passes: number;
}

/** The thread's side: passes over slabs of its own when it is told to. */
export async function runBenchThread(): Promise<void> {
  const memory = new KernelMemory();
  const kernel = await loadKernel(await compileKernel('index.ts'), memory.memory);
  const loops = slabLoops(memory);
  const slabs = Array.from({ length: SLABS }, () => {
    const slab = memory.reserve(COUNT * 4);
    memory.float32(slab, COUNT).forEach((_, i, all) => (all[i] = Math.sin(i)));
    return slab;
  });
  parentPort!.on('message', ({ loop, passes }: Job) => {
    for (let pass = 0; pass < passes; pass++) for (const slab of slabs) loops[loop]!.run(kernel, slab);
    parentPort!.postMessage('done');
  });
  parentPort!.postMessage('ready');
}

async function time(workers: readonly Worker[], loop: string): Promise<number> {
  const passes = loop.startsWith('nearest') ? 1 : PASSES;
  const start = performance.now();
  for (const worker of workers)
    worker.postMessage({ loop, passes: (passes * 2) / workers.length } satisfies Job);
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return performance.now() - start;
}

/** Prints one table. */
export async function benchThreads(): Promise<void> {
  const workers = [new Worker(__filename), new Worker(__filename)];
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const table = new Table('two threads', 'times one');
  for (const loop of LOOPS) {
    const ratios: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const ratio = (await time(workers.slice(0, 1), loop)) / (await time(workers, loop));
      if (round > 0) ratios.push(ratio);
    }
    table.add(loop, ratios.sort((a, b) => a - b)[ROUNDS >> 1]!.toFixed(2));
  }
  console.log(`${String(table)}\n`);
  await Promise.all(workers.map((worker) => worker.terminate()));
}
