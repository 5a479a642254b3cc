import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Peaks are read so often; the system itself keeps the highest of each process. */
const INTERVAL_MS = 25;

export interface Peak {
  /** Of a program and all that it started: the sum of each process's own peak of resident memory. */
  readonly bytes: number;
  readonly seconds: number;
  /** What it printed. */
  readonly output: string;
}

/**
 * Runs a Node program to its end and watches its memory, on Linux.
 * @throws Error if it fails
 */
export async function peakOf(args: readonly string[]): Promise<Peak> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } });
  const peaks = new Map<number, number>();
  const look = () => {
    for (const pid of familyOf(child.pid!)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWaterMark(pid)));
  };
  const timer = setInterval(look, INTERVAL_MS);
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`node ${args.join(' ')} failed: ${errors.slice(-2000)}`);
  const bytes = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
  return { bytes, seconds: (performance.now() - start) / 1000, output };
}

/** A process and those that it started, and they. */
function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    // The name, in parentheses, may hold spaces.
    if (pid > 0) parents.set(pid, Number(/\) \S (\d+)/.exec(statusOf(pid, 'stat'))?.[1] ?? 0));
  }
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family;
}

function highWaterMark(pid: number): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(statusOf(pid, 'status'))?.[1] ?? 0);
}

/** Empty once the process has ended. */
function statusOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
