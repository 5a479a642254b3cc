import { quoted } from '../../base/quoted';
import type { Tensor } from 'onnxruntime-node';
import { isFound, OutputReference, type OutputNoise } from '../../quant/sensitivity/OutputReference';
import { valueOf, type Value } from '../runtime/RuntimeModel';
import { decibels } from '../../core/measure/Decibels';
import type { ComparedOutput, Verification } from '../../core/report/report';
import { UserError } from '../../base/UserError';

type Tensors = ReadonlyMap<string, Tensor>;

/** Sums over the samples. */
interface Sums {
  signal: number;
  noise: number;
  /** Rows of scores, or texts; and those whose largest score is at the same index, or that are equal. */
  rows: number;
  agreeing: number;
  compared: number;
  otherSize: number;
  /** All are the source's to the last bit. */
  same: boolean;
  readonly text: boolean;
}

type Winners = Record<'source' | 'output', Pick<OutputNoise, 'winner'>>;

/**
 * Model output error: differences of every output of two models, over all samples. Where the size of an output depends on the data, as
 * NonZero's, two models may give it different sizes on a sample: nothing pairs their elements, so that it is counted and left out.
 */
export class OutputComparison {
  private readonly sums = new Map<string, Sums>();
  private labelled = 0;
  private readonly right = { source: 0, output: 0 };

  /**
   * @param label the sample's class; null without one
   * @throws UserError if the exported model lacks an output
   */
  add(reference: Tensors, actual: Tensors, label: number | null): void {
    const winners: Winners[] = [];
    for (const [name, expected] of reference) {
      const got = actual.get(name);
      if (!got) throw new UserError(`The exported model has no output ${quoted(name)}.`);
      const sums = this.sumsOf(name, expected);
      const sameSize = got.dims.join() === expected.dims.join();
      if (!sameSize) {
        sums.otherSize++;
        sums.same = false;
      } else if (expected.size > 0) sums.compared++;
      if (sums.text) {
        if (sameSize) addTexts(sums, expected.data as string[], got.data as string[]);
        continue;
      }
      const source = new OutputReference(valueOf(expected));
      const output = valueOf(got);
      winners.push({
        source,
        output: sameSize ? addNumbers(sums, source, output) : new OutputReference(output),
      });
    }
    if (label !== null) this.addLabel(label, winners);
  }

  outputs(): ComparedOutput[] {
    return [...this.sums].map(([name, sums]) => {
      const { signal, noise, rows, agreeing, compared, otherSize, text } = sums;
      return {
        name,
        sqnrDb: text || compared === 0 ? null : decibels(signal, noise, 'equal'),
        top1Agreement: rows > 0 ? agreeing / rows : null,
        compared,
        otherSize,
        text,
      };
    });
  }

  /**
   * Names of the outputs that are the source's to the last bit, NaNs and infinities among them: whatever was done to the model left
   * them alone. That is less than `equal`, which says that there is no error.
   */
  unchanged(): ReadonlySet<string> {
    return new Set([...this.sums].flatMap(([name, { same }]) => (same ? [name] : [])));
  }

  accuracy(): Verification['accuracy'] {
    const { labelled, right } = this;
    return labelled === 0
      ? null
      : { source: right.source / labelled, output: right.output / labelled, labelled };
  }

  private sumsOf(name: string, { type }: Tensor): Sums {
    const empty = { signal: 0, noise: 0, rows: 0, agreeing: 0, compared: 0, otherSize: 0, same: true };
    const sums = this.sums.get(name) ?? { ...empty, text: type === 'string' };
    this.sums.set(name, sums);
    return sums;
  }

  private addLabel(label: number, winners: readonly Winners[]): void {
    this.labelled++;
    for (const model of ['source', 'output'] as const) {
      const outputs = winners.map((each) => each[model]);
      if (isFound(label, outputs)) this.right[model]++;
    }
  }
}

function addNumbers(sums: Sums, source: OutputReference, { data }: Value): OutputNoise {
  const difference = source.difference(data);
  sums.signal += difference.signal;
  sums.noise += difference.noise;
  sums.rows += difference.rows;
  sums.agreeing += difference.agreeing;
  sums.same &&= difference.noise === 0 || source.isSameAs(data);
  return difference;
}

function addTexts(sums: Sums, expected: readonly string[], got: readonly string[]): void {
  const agreeing = expected.filter((text, i) => text === got[i]).length;
  sums.rows += expected.length;
  sums.agreeing += agreeing;
  sums.same &&= agreeing === expected.length;
}
