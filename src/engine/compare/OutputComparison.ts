import { isFound, OutputReference } from '../../quant/sensitivity/OutputReference';
import { sqnrDb } from '../../quant/weightError';
import type { Value } from '../runtime/RuntimeModel';
import { BROKEN_DB } from '../../core/measure/errors';
import type { Verification } from '../../core/report/report';
import { UserError } from '../../base/UserError';

/** Model output error: differences of every output of two models, over all samples. */
export class OutputComparison {
  private readonly sums = new Map<
    string,
    { signal: number; noise: number; rows: number; agreeing: number; same: boolean }
  >();
  private labelled = 0;
  private readonly right = { source: 0, output: 0 };

  /**
   * @param label the sample's class; null without one
   * @throws UserError if an output is not there or has another size
   */
  add(reference: ReadonlyMap<string, Value>, actual: ReadonlyMap<string, Value>, label: number | null): void {
    const winners: { source: { winner: number | null }; output: { winner: number | null } }[] = [];
    for (const [name, expected] of reference) {
      const got = actual.get(name);
      if (!got || got.data.length !== expected.data.length)
        throw new UserError(`The output "${name}" of the exported model has another size than the source's.`);
      const source = new OutputReference(expected);
      const output = source.difference(got.data);
      winners.push({ source, output });
      const sum = this.sums.get(name) ?? { signal: 0, noise: 0, rows: 0, agreeing: 0, same: true };
      sum.signal += output.signal;
      sum.noise += output.noise;
      sum.rows += output.rows;
      sum.agreeing += output.agreeing;
      sum.same &&= output.noise === 0 || source.isSameAs(got.data);
      this.sums.set(name, sum);
    }
    if (label === null) return;
    this.labelled++;
    for (const model of ['source', 'output'] as const)
      if (
        isFound(
          label,
          winners.map((each) => each[model]),
        )
      )
        this.right[model]++;
  }

  outputs(): Verification['outputs'] {
    return [...this.sums].map(([name, { signal, noise, rows, agreeing }]) => ({
      name,
      sqnrDb: withoutBroken(sqnrDb(signal, noise)),
      identical: noise === 0,
      top1Agreement: rows > 0 ? agreeing / rows : null,
    }));
  }

  /**
   * Names of the outputs that are the source's to the last bit, NaNs and infinities among them: whatever was done to the model left
   * them alone. That is less than `identical`, which says that there is no error.
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
}

/** In a report, `identical` tells no error from an error without a number. */
function withoutBroken(db: number | null): number | null {
  return db === BROKEN_DB ? null : db;
}
