/** The error of a quantized model's outputs on samples that nothing was fitted to, by which repairs are kept or undone. */
import type { Tensor } from 'onnxruntime-node';
import { compareDb, type Decibels } from '../../core/measure/Decibels';
import type { Pause } from '../../base/pauses';
import type { ExternalFiles } from '../../onnx/file/externalData';
import type { Graph } from '../../onnx/graph/Graph';
import { beforeSoftmax } from '../../onnx/subgraph/beforeSoftmax';
import { withOutputs } from '../../onnx/subgraph/withOutputs';
import { OutputComparison } from '../compare/OutputComparison';
import type { Sample } from '../data/Sample';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import { RuntimeModel } from '../runtime/RuntimeModel';

/** Bytes of samples and outputs that are held; further samples are left out. */
const MAX_HELD = 2 ** 28;
/** Fewer rows of probabilities say little: one that is nearly undecided decides their error. Their scores say more. */
const MIN_ROWS = 200;

type Tensors = ReadonlyMap<string, Tensor>;

interface Reference {
  readonly sample: Sample;
  readonly outputs: Tensors;
}

/** SQNR of the worst output of all samples together, and of each. */
export interface JudgedSamples {
  readonly all: Decibels | null;
  readonly each: readonly (Decibels | null)[];
}

export class OutputJudge {
  private constructor(
    private readonly references: readonly Reference[],
    private readonly pause: Pause,
    /** Outputs that are compared before their Softmax. */
    readonly scores: readonly string[],
  ) {}

  /**
   * Runs the float model on the samples.
   * @param pause called before each run; may throw to stop
   * @throws UserError if the model does not run
   */
  static async open(
    { graph, files }: Pick<OpenModel, 'graph' | 'files'>,
    samples: SampleList,
    pause: Pause,
  ): Promise<OutputJudge> {
    const logits = new Map<string, string>();
    for (const { name } of graph.model.graph.output) {
      const found = beforeSoftmax(graph, name);
      if (found !== null) logits.set(name, found);
    }
    const runtime = await RuntimeModel.load(withOutputs(graph, files, logits.values()));
    try {
      const references: Reference[] = [];
      let held = 0;
      for (const sample of samples.read()) {
        await pause();
        const outputs = await runtime.runTensors(sample);
        held += bytesOf(sample) + bytesOf(outputs);
        if (held > MAX_HELD && references.length > 0) break;
        references.push({ sample, outputs });
      }
      const few = [...logits].filter(([output]) => rowsOf(references, output) < MIN_ROWS);
      const left = new Set([...few.map(([output]) => output), ...logits.values()]);
      const compared = references.map(({ sample, outputs }) => {
        const kept = [...outputs].filter(([name]) => !left.has(name));
        return {
          sample,
          outputs: new Map([...kept, ...few.map(([, name]) => [name, outputs.get(name)!] as const)]),
        };
      });
      return new OutputJudge(
        compared,
        pause,
        few.map(([, name]) => name),
      );
    } finally {
      await runtime.release();
    }
  }

  /** Names of the values that are compared: outputs, or scores. */
  get compared(): ReadonlySet<string> {
    return new Set(this.references[0]?.outputs.keys());
  }

  /**
   * Runs a quantized model on the samples.
   * @param integerKernels whether this machine's kernels compute it, which may saturate, or float ones what its codes stand for
   * @returns SQNR of its worst output; null if none can be compared
   * @throws UserError if it does not load or run
   */
  async measure(graph: Graph, files: ExternalFiles, integerKernels: boolean): Promise<Decibels | null> {
    return (await this.measureEach(graph, files, integerKernels)).all;
  }

  /**
   * As `measure`; also of each sample on its own, which tells a gain on most of them from one on the sample that has most of the error.
   * @throws UserError as `measure`
   */
  async measureEach(graph: Graph, files: ExternalFiles, integerKernels: boolean): Promise<JudgedSamples> {
    const runtime = await RuntimeModel.load(withOutputs(graph, files, this.scores), { integerKernels });
    try {
      const all = new OutputComparison();
      const each: (Decibels | null)[] = [];
      for (const { sample, outputs } of this.references) {
        await this.pause();
        const actual = await runtime.runTensors(sample);
        const own = new OutputComparison();
        for (const comparison of [all, own]) comparison.add(outputs, actual, null);
        each.push(worstOf(own));
      }
      return { all: worstOf(all), each };
    } finally {
      await runtime.release();
    }
  }
}

/** SQNR of the worst output; null if none can be compared. */
function worstOf(comparison: OutputComparison): Decibels | null {
  return comparison
    .outputs()
    .flatMap(({ sqnrDb, otherSize }) =>
      otherSize > 0 ? ['broken' as const] : sqnrDb === null ? [] : [sqnrDb],
    )
    .reduce<Decibels | null>((worst, db) => (worst === null || compareDb(db, worst) < 0 ? db : worst), null);
}

function rowsOf(references: readonly Reference[], output: string): number {
  return references.reduce((rows, { outputs }) => {
    const { size, dims } = outputs.get(output)!;
    return rows + size / Math.max(1, dims.at(-1) ?? 1);
  }, 0);
}

function bytesOf(tensors: Tensors): number {
  return [...tensors.values()].reduce(
    (sum, { data }) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 0),
    0,
  );
}
