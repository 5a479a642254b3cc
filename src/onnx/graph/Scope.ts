import {
  TensorProto_DataType as DataType,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
} from 'onnx-buf';
import { dataInputs } from './dataMovement';
import { isExternal } from '../file/externalData';
import { constantValue, subgraphs } from './nodes';
import { defaultOpset, type ParsedModel } from '../file/parseModel';
import { MAX_AXES } from '../file/shapes';

/** A tensor that is part of the model: an initializer, or the value of a Constant node. */
export interface ConstantTensor {
  readonly name: string;
  /** If sparse, the values that are given. */
  readonly tensor: TensorProto;
  readonly sparse: SparseTensorProto | null;
  readonly scope: Scope;
  /** The Constant node; null for an initializer. */
  readonly node: NodeProto | null;
}

/** The producer of a name: a constant, a node, or whoever calls the graph. */
export type Definition =
  | { readonly kind: 'constant'; readonly constant: ConstantTensor }
  | { readonly kind: 'node'; readonly node: NodeProto; readonly scope: Scope }
  | { readonly kind: 'input'; readonly scope: Scope };

/** The names of one graph; filled in the order of the file. */
interface Names {
  readonly definitions: Map<string, Definition>;
  /** Names whose value follows from constants alone. */
  readonly constants: Set<string>;
}

/**
 * One graph of the model with the names that it defines: the main graph, the body of an If, Loop or Scan, a function, or a
 * graph for training. Names of the enclosing graphs are visible (ONNX IR specification, "Names Within a Graph"), and a name of
 * its own hides theirs; a function is enclosed by nothing. Names are indexed when they are first asked for.
 */
export class Scope {
  private names: Names | null = null;

  private constructor(
    /** As in `If_0/then_branch`; empty for the main graph. */
    readonly name: string,
    readonly graph: GraphProto | FunctionProto,
    readonly parent: Scope | null,
    /** The node of `parent` whose attribute the graph is; null for the main graph, functions and graphs for training. */
    readonly holder: NodeProto | null,
    /** Version of the default operator set. */
    readonly opset: number,
    readonly isTraining: boolean,
  ) {}

  /** All graphs of a model, the enclosing ones first. The parser bounds how deep they can be nested. */
  static all(model: ParsedModel): Scope[] {
    const scopes: Scope[] = [];
    const add = (scope: Scope) => {
      scopes.push(scope);
      for (const node of scope.graph.node) {
        for (const { label, graph } of subgraphs(node)) {
          const name = [scope.name, node.name || node.opType, label].filter(Boolean).join('/');
          add(new Scope(name, graph, scope, node, scope.opset, scope.isTraining));
        }
      }
    };
    const opset = defaultOpset(model.opsetImport);
    const main = new Scope('', model.graph, null, null, opset, false);
    add(main);
    for (const body of model.functions) {
      const own = body.opsetImport.length > 0 ? defaultOpset(body.opsetImport) : opset;
      add(new Scope(`function ${body.domain}::${body.name}`, body, null, null, own, false));
    }
    for (const { initialization, algorithm } of model.trainingInfo)
      for (const graph of [initialization, algorithm])
        if (graph) add(new Scope('training', graph, main, null, opset, true));
    return scopes;
  }

  get isFunction(): boolean {
    return this.graph.$typeName === 'onnx.FunctionProto';
  }

  /** The graph around all others: the main graph, or the function that this one is in. */
  get outermost(): Scope {
    return this.parent?.outermost ?? this;
  }

  /** The names that this graph itself defines. */
  get definitions(): ReadonlyMap<string, Definition> {
    return this.indexed.definitions;
  }

  /** The producer of `name` as it is seen here; undefined for a name that nothing defines. */
  resolve(name: string): Definition | undefined {
    return this.owner(name)?.definitions.get(name);
  }

  /** The graph that defines `name` as it is seen here: this one, or the nearest around it; null if none does. */
  owner(name: string): Scope | null {
    return this.definitions.has(name) ? this : (this.parent?.owner(name) ?? null);
  }

  /** Whether `name` follows from constants alone. */
  isConstant(name: string): boolean {
    return this.owner(name)?.indexed.constants.has(name) ?? false;
  }

  /**
   * The numbers of a constant int64 tensor, as axes and shapes are; null if `name` is none, has more numbers than a tensor can have axes,
   * or lies in another file.
   */
  ints(name: string | undefined): number[] | null {
    const definition = name ? this.resolve(name) : undefined;
    if (definition?.kind !== 'constant') return null;
    const { tensor, sparse } = definition.constant;
    if (tensor.dataType !== DataType.INT64 || sparse || isExternal(tensor)) return null;
    // Every node that names it asks for them.
    if (Math.max(tensor.rawData.length >> 3, tensor.int64Data.length) > MAX_AXES) return null;
    if (tensor.rawData.length === 0) return tensor.int64Data.map(Number);
    const { buffer, byteOffset, byteLength } = tensor.rawData;
    const view = new DataView(buffer, byteOffset, byteLength);
    return Array.from({ length: byteLength >> 3 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }

  private get indexed(): Names {
    if (this.names) return this.names;
    this.names = { definitions: new Map(), constants: new Set() };
    this.define(this.names);
    return this.names;
  }

  private define(names: Names): void {
    const { graph } = this;
    for (const input of graph.input) {
      const name = typeof input === 'string' ? input : input.name;
      names.definitions.set(name, { kind: 'input', scope: this });
    }
    const addConstant = (constant: Omit<ConstantTensor, 'scope'>) => {
      names.definitions.set(constant.name, { kind: 'constant', constant: { ...constant, scope: this } });
      names.constants.add(constant.name);
    };
    if (graph.$typeName === 'onnx.GraphProto') {
      // An initializer that is also an input is its default value, and in files before IR version 4 the only form there is.
      for (const tensor of graph.initializer)
        addConstant({ name: tensor.name, tensor, sparse: null, node: null });
      for (const sparse of graph.sparseInitializer)
        if (sparse.values)
          addConstant({ name: sparse.values.name, tensor: sparse.values, sparse, node: null });
    }
    for (const node of graph.node) {
      const value = constantValue(node);
      if (value) addConstant({ name: node.output[0]!, ...value, node });
      else this.addNode(node, names);
    }
  }

  private addNode(node: NodeProto, { definitions, constants }: Names): void {
    const inputs = (dataInputs(node) ?? node.input).filter((name) => name !== '');
    const constant =
      inputs.length > 0 && subgraphs(node).length === 0 && inputs.every((name) => this.isConstant(name));
    for (const output of node.output) {
      if (output === '') continue;
      definitions.set(output, { kind: 'node', node, scope: this });
      if (constant) constants.add(output);
    }
  }
}
