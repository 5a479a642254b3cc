import type { NodeProto } from 'onnx-buf';
import type { ConstantTensor } from '../graph/Scope';
import type { EqualizationPair, EqualizedModel, Operand, Reader } from './EqualizationPair';
import { insertedPairs } from './insertedPairs';
import { isOnlyUse } from './onlyUse';
import { passThrough } from './passThrough';
import type { Place } from './Place';
import { readerOperand } from './readerOperand';
import { sourceOf, type Source } from './sources';

/**
 * Finds where scales can be moved between what makes an activation and what reads it: behind a layer, a normalization or a constant
 * factor, through operators that are positively homogeneous or move channels whole, to layers; and where every reader of the
 * activation, on every branch, is such a layer. A weight that others use as well is none, and a model's output stays as it is.
 *
 * Besides, where that is not so, in front of the matrix products that read one activation: a Mul that is put in divides it for them
 * alone.
 * @throws UserError if the operands of a Clip cannot be read
 */
export function findPairs(model: EqualizedModel): EqualizationPair[] {
  const { graph, layers } = model;
  const named = new Map([...layers].map(([name, { constant }]) => [constant, name]));
  const pairs: EqualizationPair[] = [];
  const through = new Set<NodeProto>();
  // Producers come before their consumers (ONNX IR specification, "Graphs"): a factor on another source's way is met later than that.
  for (const node of graph.nodes) {
    const source = through.has(node) ? null : sourceOf(node, graph.main);
    const pair = source && new Walk(model, named, source).pair();
    if (!pair) continue;
    pairs.push(pair);
    for (const each of pair.through) through.add(each);
  }
  return [...pairs, ...insertedPairs(model, named, pairs)];
}

/** Follows an activation to all that reads it. */
class Walk {
  private readonly operands: Operand[];
  private readonly readers: Reader[] = [];
  private readonly through = new Set<NodeProto>();

  constructor(
    private readonly model: EqualizedModel,
    private readonly named: ReadonlyMap<ConstantTensor, string>,
    private readonly source: Source,
  ) {
    this.operands = [...source.operands];
  }

  /** Null if scales cannot be moved. */
  pair(): EqualizationPair | null {
    const { source, operands, readers, through } = this;
    if (!this.reach() || readers.length === 0) return null;
    const { kind, tensor, channels } = source;
    if (!isOnlyUse(this.model.graph, this.named, [...operands, ...readers.map(({ operand }) => operand)]))
      return null;
    const own = kind === 'layer' ? this.named.get(operands[0]!.constant) : undefined;
    if (kind === 'layer' && own === undefined) return null;
    return {
      ...{ tensor, channels, source: kind, layer: own ?? null, operands, readers },
      through: [...through],
    };
  }

  /** Whether all that reads the activation is a reader, or leads to readers. */
  private reach(): boolean {
    const { graph, files } = this.model;
    const { tensor, place, channels } = this.source;
    // A list, and no recursion, whose depth the file would choose.
    const open: { tensor: string; place: Place }[] = [{ tensor, place }];
    for (let value = open.pop(); value; value = open.pop()) {
      if (graph.isOutput(value.tensor)) return false;
      for (const { node, scope, index } of graph.consumers(value.tensor)) {
        if (scope !== graph.main) return false;
        const operand = readerOperand(node, index, value.place, channels, scope);
        const layer = operand ? this.named.get(operand.constant) : undefined;
        if (operand && layer !== undefined) {
          this.readers.push({ layer, operand, input: value.tensor, place: value.place });
          continue;
        }
        const passed = passThrough(node, index, value.place, channels, scope, files);
        // A node that reads it twice would scale its result twice.
        if (!passed || this.through.has(node)) return false;
        this.through.add(node);
        this.operands.push(...passed.operands);
        open.push({ tensor: passed.output, place: passed.place });
      }
    }
    return true;
  }
}
