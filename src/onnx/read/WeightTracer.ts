import type { NodeProto } from 'onnx-buf';
import { channelsBefore, type Channels } from './channelTracking';
import { quantizedConstant, readExpression, reshapeTarget } from './constantExpression';
import { isFloat } from '../file/elementTypes';
import { dataInputs } from '../graph/dataMovement';
import type { ConstantTensor, Definition, Scope } from '../graph/Scope';
import { movedShapes, type ShapeOf } from './movedShapes';
import { StepBudget, type Source } from './weightSources';

/** A value on the way from a node back to the constants that its weight is made of. */
interface Step {
  readonly definition: Exclude<Definition, { kind: 'input' }>;
  /** Null where they cannot be told. */
  readonly channels: Channels | null;
  /** The shape that the value is given on its way from here; null if it is given none, or is joined or cut there. */
  readonly target: readonly number[] | null;
}

const RUNTIME: readonly Source[] = [{ kind: 'runtime' }];

/** Follows the weights of a model back to what they are made of; every value once, however many nodes read it. */
export class WeightTracer {
  private readonly sources = new Map<ConstantTensor | NodeProto, readonly Source[]>();
  private readonly shapeOf: ShapeOf;
  private readonly budget: StepBudget;

  /** @throws UserError if a constant's shape is none */
  constructor(scopes: readonly Scope[]) {
    this.shapeOf = movedShapes(scopes);
    this.budget = new StepBudget(scopes);
  }

  /**
   * The sources of one input of a node.
   * @param channels of the output in that input: they count for what no node before has led to
   * @throws UserError if that takes too many steps
   */
  trace(scope: Scope, name: string, channels: Channels): readonly Source[] {
    const definition = scope.isConstant(name) ? scope.resolve(name) : undefined;
    if (!definition || definition.kind === 'input') return RUNTIME;
    const started = new Set<ConstantTensor | NodeProto>();
    const open: Step[] = [{ definition, channels, target: null }];
    // A list, and no recursion, whose depth the file would choose: a value waits until those that it is made of are done.
    for (let step = open.at(-1); step; step = open.at(-1)) {
      this.budget.spend(1);
      const thing = thingOf(step.definition);
      if (this.sources.has(thing)) open.pop();
      else if (step.definition.kind === 'constant')
        this.sources.set(thing, [ofConstant(step.definition.constant, step.channels)]);
      else {
        const inputs = this.inputsOf(step);
        if (!inputs) this.sources.set(thing, [this.readExpression(step)]);
        // The second time all inputs are done, but those that lead in a circle.
        else if (started.has(thing)) this.sources.set(thing, this.union(inputs));
        else
          for (const input of inputs.reverse()) if (!started.has(thingOf(input.definition))) open.push(input);
        started.add(thing);
      }
    }
    const sources = this.sources.get(thingOf(definition))!;
    this.budget.spend(sources.length);
    return sources;
  }

  /** The values that a node moves about; null if it computes something. */
  private inputsOf({ definition, channels, target }: Step): Step[] | null {
    if (definition.kind === 'constant') return [];
    const { node, scope } = definition;
    const inputs = dataInputs(node);
    return (
      inputs?.flatMap((name) => {
        const input = name === '' ? undefined : scope.resolve(name);
        if (!input || input.kind === 'input') return [];
        const shapes = { before: this.shapeOf(input), after: this.shapeOf(definition) };
        const before = channels && channelsBefore(node, scope, channels, shapes);
        return { definition: input, channels: before, target: targetBefore(node, scope, target) };
      }) ?? null
    );
  }

  private readExpression({ definition, target }: Step): Source {
    if (definition.kind === 'constant') return ofConstant(definition.constant, null);
    return readExpression(definition.scope, definition.node, target, this.budget);
  }

  /** Each source once; one list serves a whole chain. */
  private union(inputs: readonly Step[]): readonly Source[] {
    const lists = inputs.flatMap(({ definition }) => {
      const list = this.sources.get(thingOf(definition));
      return list ? [list] : [];
    });
    if (lists.length <= 1) return lists[0] ?? [];
    for (const { length } of lists) this.budget.spend(length);
    return [...new Set(lists.flat())];
  }
}

/** A node with several outputs makes them all of the same. */
function thingOf(definition: Step['definition']): ConstantTensor | NodeProto {
  return definition.kind === 'constant' ? definition.constant : definition.node;
}

/** Operators behind which a tensor is more or less than what goes in. */
const RESIZING: ReadonlySet<string> = new Set(['Concat', 'Split', 'Expand']);

function targetBefore(node: NodeProto, scope: Scope, target: Step['target']): Step['target'] {
  if (RESIZING.has(node.opType)) return null;
  return target ?? (node.opType === 'Reshape' ? reshapeTarget(node, scope) : null);
}

function ofConstant(constant: ConstantTensor, channels: Channels | null): Source {
  if (constant.sparse) return { kind: 'none', reason: 'weight is sparse' };
  if (isFloat(constant.tensor.dataType)) return { kind: 'float', constant, channels };
  return quantizedConstant(constant);
}
