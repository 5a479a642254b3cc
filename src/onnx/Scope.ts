import type { AttributeProto, FunctionProto, GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import { defaultOpset, type ParsedModel } from './parseModel';

/** A tensor that is part of the model: an initializer, or the value of a Constant node. */
export interface ConstantTensor {
  readonly name: string;
  readonly tensor: TensorProto;
  readonly scope: Scope;
  /** The Constant node; null for an initializer. */
  readonly node: NodeProto | null;
}

/** What a name stands for. */
export type Definition =
  | { readonly kind: 'constant'; readonly constant: ConstantTensor }
  | { readonly kind: 'node'; readonly node: NodeProto; readonly scope: Scope }
  | { readonly kind: 'input' };

/**
 * One graph of the model with the names that it defines: the main graph, the body of an If, Loop or Scan, or a function. Names of the
 * enclosing graphs are visible, except in functions (ONNX IR specification, "Names Within a Graph").
 */
export class Scope {
  readonly definitions = new Map<string, Definition>();
  /** Names whose value follows from constants alone. */
  readonly constantNames = new Set<string>();

  private constructor(
    /** As in `If_0/then_branch`; empty for the main graph. */
    readonly name: string,
    readonly graph: GraphProto | FunctionProto,
    readonly parent: Scope | null,
    readonly opset: number,
  ) {
    this.define();
  }

  /** All graphs of a model, the enclosing ones first. */
  static all(model: ParsedModel): Scope[] {
    const scopes: Scope[] = [];
    const add = (scope: Scope) => {
      scopes.push(scope);
      for (const node of scope.graph.node) {
        for (const { label, graph } of subgraphs(node)) {
          const name = [scope.name, node.name || node.opType, label].filter(Boolean).join('/');
          add(new Scope(name, graph, scope, scope.opset));
        }
      }
    };
    const opset = defaultOpset(model.opsetImport);
    add(new Scope('', model.graph, null, opset));
    for (const body of model.functions) {
      const own = body.opsetImport.length > 0 ? defaultOpset(body.opsetImport) : opset;
      add(new Scope(`function ${body.domain}::${body.name}`, body, null, own));
    }
    return scopes;
  }

  get isFunction(): boolean {
    return this.graph.$typeName === 'onnx.FunctionProto';
  }

  /** What `name` means here; undefined for a name that nothing defines. */
  resolve(name: string): Definition | undefined {
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      const definition = scope.definitions.get(name);
      if (definition) return definition;
    }
    return undefined;
  }

  /** Whether `name` follows from constants alone. */
  isConstant(name: string): boolean {
    for (let scope: Scope | null = this; scope; scope = scope.parent)
      if (scope.definitions.has(name)) return scope.constantNames.has(name);
    return false;
  }

  private define(): void {
    const { graph } = this;
    for (const input of graph.input) {
      const name = typeof input === 'string' ? input : input.name;
      this.definitions.set(name, { kind: 'input' });
    }
    if (graph.$typeName === 'onnx.GraphProto') {
      // An initializer that is also an input is its default value, and in files before IR version 4 the only form there is.
      for (const tensor of graph.initializer)
        this.addConstant({ name: tensor.name, tensor, scope: this, node: null });
    }
    for (const node of graph.node) {
      const tensor = constantValue(node);
      if (tensor) this.addConstant({ name: node.output[0]!, tensor, scope: this, node });
      else this.addNode(node);
    }
  }

  private addConstant(constant: ConstantTensor): void {
    this.definitions.set(constant.name, { kind: 'constant', constant });
    this.constantNames.add(constant.name);
  }

  private addNode(node: NodeProto): void {
    const inputs = node.input.filter((name) => name !== '');
    const constant =
      (inputs.length > 0 || node.opType === 'Constant') &&
      !node.opType.startsWith('Random') &&
      subgraphs(node).length === 0 &&
      inputs.every((name) => this.isConstant(name));
    for (const output of node.output) {
      if (output === '') continue;
      this.definitions.set(output, { kind: 'node', node, scope: this });
      if (constant) this.constantNames.add(output);
    }
  }
}

/** The graphs in a node's attributes with a label each. */
export function subgraphs(node: NodeProto): { label: string; graph: GraphProto }[] {
  return node.attribute.flatMap(({ name, g, graphs }) => [
    ...(g ? [{ label: name, graph: g }] : []),
    ...graphs.map((graph, i) => ({ label: `${name}[${i}]`, graph })),
  ]);
}

export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((candidate) => candidate.name === name);
}

/** The tensor of a Constant node; undefined for other nodes and for constants that are lists, strings or sparse. */
function constantValue(node: NodeProto): TensorProto | undefined {
  if (node.opType !== 'Constant' || (node.domain !== '' && node.domain !== 'ai.onnx')) return undefined;
  const tensor = node.output[0] ? attribute(node, 'value')?.t : undefined;
  // Such tensors are mostly nameless; what is said of them should name them.
  if (tensor && tensor.name === '') tensor.name = node.output[0]!;
  return tensor;
}
