import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SOURCE = 'test/bench/native/loops.c';
/** 128-bit vectors and fast float arithmetic, as the kernel's goals are set against. */
const FLAGS = ['-O3', '-msse4.2', '-ffast-math'];

/** The loops in C, in a process that runs one pass at a time. */
export class NativeLoops {
  private readonly answers: AsyncIterator<string>;

  private constructor(
    private readonly process: ChildProcessWithoutNullStreams,
    private readonly folder: string,
  ) {
    this.answers = createInterface(process.stdout)[Symbol.asyncIterator]();
  }

  /** Compiles the loops; null where there is no C compiler for it. */
  static start(): NativeLoops | null {
    const folder = mkdtempSync(join(tmpdir(), 'quantscope-native-'));
    const program = join(folder, 'loops');
    try {
      execFileSync('cc', [...FLAGS, '-o', program, SOURCE], { stdio: 'ignore' });
    } catch {
      rmSync(folder, { recursive: true });
      return null;
    }
    return new NativeLoops(spawn(program), folder);
  }

  /** Passes over all slabs. @returns GB/s of float32 weights */
  async pass(name: string): Promise<number> {
    this.process.stdin.write(`${name}\n`);
    return Number((await this.answers.next()).value);
  }

  dispose(): void {
    this.process.kill();
    rmSync(this.folder, { recursive: true });
  }
}
