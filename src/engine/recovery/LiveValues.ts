import type { Tensor } from 'onnxruntime-node';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';
import type { Sample } from '../data/Sample';

type Values = Map<string, Tensor>;

/**
 * The values of a model's main graph that are still needed, of every sample: in the model as it is changed so far, and in the unchanged one. As long as
 * nothing is changed they are the same.
 */
export class LiveValues {
  private readonly samples: { changed: Values; reference: Values; bytes: number }[] = [];
  private bytes = 0;
  private forked = false;

  /** @param maxBytes of all values together; the last samples are given up beyond, but never the first one */
  constructor(private readonly maxBytes: number) {}

  get count(): number {
    return this.samples.length;
  }

  /** Whether the two models differ by now. */
  get isForked(): boolean {
    return this.forked;
  }

  /** @returns false if there is no room for it */
  addSample(sample: Sample, names: ReadonlySet<string>): boolean {
    const values: Values = new Map([...sample].filter(([name]) => names.has(name)));
    this.samples.push({ changed: values, reference: values, bytes: 0 });
    const { count } = this;
    this.makeRoom(count - 1);
    return this.count === count;
  }

  /** Keeps the two models apart from now on, if the unchanged one is wanted at all. */
  fork(): void {
    if (this.forked) return;
    this.forked = true;
    for (const sample of this.samples) sample.reference = new Map(sample.changed);
  }

  /** @throws UserError for a value that is none of numbers or text */
  get(which: 'changed' | 'reference', name: string, sample: number): Tensor {
    const tensor = this.samples[sample]?.[which].get(name);
    if (!tensor)
      throw new UserError(
        `The value ${quoted(name)} is no tensor, so that no layer behind it can be repaired.`,
      );
    return tensor;
  }

  set(which: 'changed' | 'reference', sample: number, values: Iterable<readonly [string, Tensor]>): void {
    const map = this.samples[sample]![which];
    for (const [name, tensor] of values) map.set(name, tensor);
    this.makeRoom(sample);
  }

  drop(names: readonly string[]): void {
    for (const [sample, { changed, reference }] of this.samples.entries()) {
      for (const name of names) {
        changed.delete(name);
        reference.delete(name);
      }
      this.measure(sample);
    }
  }

  /** The values of a sample in the changed model. */
  of(sample: number, names: Iterable<string>): Values {
    const { changed } = this.samples[sample]!;
    return new Map(
      [...names].flatMap((name) => (changed.has(name) ? [[name, changed.get(name)!] as const] : [])),
    );
  }

  /** Gives up samples from the end, after one of them has changed. */
  private makeRoom(changed: number): void {
    this.measure(changed);
    while (this.bytes > this.maxBytes && this.samples.length > 1) this.bytes -= this.samples.pop()!.bytes;
  }

  private measure(sample: number): void {
    const values = this.samples[sample]!;
    const tensors = new Set([...values.changed.values(), ...values.reference.values()]);
    const bytes = [...tensors].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
    this.bytes += bytes - values.bytes;
    values.bytes = bytes;
  }
}

function bytesOf({ data }: Tensor): number {
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}
