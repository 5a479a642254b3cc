import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  TrainingInfoProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';
import type { ParsedModel } from '../file/parseModel';
import { copyMessage, copyTensor, makeNode } from '../file/protos';
import { functionKey, inlinableFunctions } from './inlinableFunctions';
import { isStandard } from './nodes';
import { namesOf } from './modelNames';
import { nameGenerator } from './uniqueNames';

/** Calls inside of calls: more than any exporter writes. */
const MAX_DEPTH = 64;
/** Names that functions may become nodes of: for any model, and for each that it has. */
const BASE_NAMES = 1_000_000;
const NAMES_PER_NAME = 100;
/** More of a caller's name would make the names of all nodes in it long. */
const MAX_PREFIX = 120;

/**
 * Puts the nodes of model-local functions in place of their calls (ONNX IR specification, "Functions"), so that weights handed to
 * functions meet the operators that multiply them. Nodes and values are named after the call, as in `layer1/mm`; constants of a
 * function become initializers, one for all of its calls. A function stays one if it needs another version of an operator set than the
 * model.
 * @returns another model that shares all tensors; the same one if it calls no such function
 * @throws UserError if functions call each other in a circle, or become too many nodes
 */
export function inlineFunctions(model: ParsedModel): ParsedModel {
  if (model.functions.length === 0) return model;
  return new Inliner(model).run();
}

/** One call of a function, while its nodes are copied. */
interface Call {
  /** The caller's names for the function's; filled as they come. */
  readonly names: Map<string, string>;
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  readonly prefix: string;
  /** Keys of this function and of those around it. */
  readonly active: readonly string[];
}

class Inliner {
  private readonly all: ReadonlyMap<string, FunctionProto>;
  private readonly inlinable: ReadonlySet<FunctionProto>;
  private readonly freshValue: (hint: string) => string;
  private readonly freshNode: (hint: string) => string;
  private readonly constants = new Map<NodeProto, string>();
  private readonly initializers: TensorProto[] = [];
  private readonly domains = new Set<string>();
  /** Functions that stay, as they are called and cannot be inlined. */
  private readonly called = new Set<FunctionProto>();
  private left: number;

  constructor(private readonly model: ParsedModel) {
    this.all = new Map(model.functions.map((body) => [functionKey(body), body]));
    this.inlinable = inlinableFunctions(model);
    const { values, nodes, count } = namesOf(model);
    this.freshValue = nameGenerator(values, '_');
    this.freshNode = nameGenerator(nodes, '_');
    this.left = BASE_NAMES + NAMES_PER_NAME * count;
  }

  run(): ParsedModel {
    const { model } = this;
    const graph = this.copyGraph(model.graph, null);
    graph.initializer = [...graph.initializer, ...this.initializers];
    const trainingInfo = model.trainingInfo.map((info) => {
      const { initialization, algorithm } = info;
      return copyMessage(TrainingInfoProtoSchema, info, {
        ...(initialization && { initialization: this.copyGraph(initialization, null) }),
        ...(algorithm && { algorithm: this.copyGraph(algorithm, null) }),
      });
    });
    const functions = this.remaining();
    return copyMessage(ModelProtoSchema, model, {
      graph,
      trainingInfo,
      functions,
      opsetImport: this.opsets(functions),
    }) as ParsedModel;
  }

  /** Functions that are called as they are, and those that they call. */
  private remaining(): FunctionProto[] {
    const kept = new Set(this.called);
    // The set grows while it is walked.
    for (const body of kept)
      for (const node of body.node) {
        const callee = this.all.get(callKey(node));
        if (callee) kept.add(callee);
      }
    return [...kept];
  }

  private opsets(functions: readonly FunctionProto[]): ParsedModel['opsetImport'] {
    const remaining = new Set(functions);
    const inlined = this.model.functions.filter((body) => !remaining.has(body));
    const former = new Set(inlined.map(({ domain }) => domain));
    const imports = new Map(
      [...inlined.flatMap(({ opsetImport }) => opsetImport), ...this.model.opsetImport].map((entry) => [
        entry.domain,
        entry,
      ]),
    );
    const own = new Set(this.model.opsetImport.map(({ domain }) => domain));
    return [...imports.values()].filter(
      ({ domain }) => this.domains.has(domain) || (own.has(domain) && !former.has(domain)),
    );
  }

  private expand(nodes: readonly NodeProto[], call: Call | null): NodeProto[] {
    const expanded: NodeProto[] = [];
    for (const node of nodes) {
      if (call && this.hoist(node, call)) continue;
      this.spend(1 + node.input.length + node.output.length);
      const copy = this.copyNode(node, call);
      const body = this.all.get(callKey(node));
      if (body && this.inlinable.has(body)) {
        for (const inner of this.inline(body, copy, call?.active ?? [])) expanded.push(inner);
        continue;
      }
      if (body) this.called.add(body);
      this.domains.add(node.domain);
      expanded.push(copy);
    }
    return expanded;
  }

  /** @param call in the caller's names */
  private inline(
    body: FunctionProto,
    { name, input, output, attribute }: NodeProto,
    active: readonly string[],
  ) {
    const key = functionKey(body);
    if (active.includes(key)) throw new UserError(`The function ${quoted(body.name)} calls itself.`);
    if (active.length === MAX_DEPTH)
      throw new UserError(`Functions of this model call each other more than ${MAX_DEPTH} deep.`);
    this.spend(body.input.length + body.output.length);
    const prefix = (name || this.freshNode(body.name)).slice(0, MAX_PREFIX);
    const names = new Map(body.input.map((formal, i) => [formal, input[i] ?? '']));
    const passed: NodeProto[] = [];
    body.output.forEach((formal, i) => {
      const actual = output[i] || this.freshValue(`${prefix}/${formal}`);
      // The input is the output.
      if (names.has(formal)) passed.push(makeNode('Identity', [names.get(formal)!], actual));
      else names.set(formal, actual);
    });
    const attributes = new Map([...body.attributeProto, ...attribute].map((each) => [each.name, each]));
    return [...this.expand(body.node, { names, attributes, prefix, active: [...active, key] }), ...passed];
  }

  /** Makes an initializer of a function's constant; not where it is an output, which has a name already. */
  private hoist(node: NodeProto, { names, prefix }: Call): boolean {
    const [value] = node.attribute;
    const [output] = node.output;
    if (node.opType !== 'Constant' || !isStandard(node) || !output || names.has(output)) return false;
    if (value?.name !== 'value' || !value.t || value.refAttrName) return false;
    let name = this.constants.get(node);
    if (name === undefined) {
      name = this.freshValue(`${prefix}/${output}`);
      this.constants.set(node, name);
      this.initializers.push(copyTensor(value.t, { name }));
    }
    names.set(output, name);
    return true;
  }

  private copyNode(node: NodeProto, call: Call | null): NodeProto {
    const attribute = node.attribute.flatMap((each) => this.copyAttribute(each, call));
    const changes = call && {
      name: node.name && this.freshNode(`${call.prefix}/${node.name}`),
      input: node.input.map((name) => this.rename(name, call)),
      output: node.output.map((name) => this.rename(name, call)),
    };
    return copyMessage(NodeProtoSchema, node, { ...changes, attribute });
  }

  /** An attribute that refers to one of the function has its value, and is none if the call gives none. */
  private copyAttribute(attribute: AttributeProto, call: Call | null): AttributeProto[] {
    if (call && attribute.refAttrName !== '') {
      const given = call.attributes.get(attribute.refAttrName);
      return given ? [copyMessage(AttributeProtoSchema, given, { name: attribute.name })] : [];
    }
    if (!attribute.g && attribute.graphs.length === 0) return [attribute];
    const graphs = attribute.graphs.map((graph) => this.copyGraph(graph, call));
    const g = attribute.g && this.copyGraph(attribute.g, call);
    return [copyMessage(AttributeProtoSchema, attribute, { graphs, ...(g && { g }) })];
  }

  private copyGraph(graph: GraphProto, call: Call | null): GraphProto {
    const copy = copyMessage(GraphProtoSchema, graph, { node: this.expand(graph.node, call) });
    if (!call) return copy;
    this.spend(graph.input.length + graph.output.length + graph.initializer.length);
    const renamed = (value: ValueInfoProto) =>
      copyMessage(ValueInfoProtoSchema, value, { name: this.rename(value.name, call) });
    return Object.assign(copy, {
      input: graph.input.map(renamed),
      output: graph.output.map(renamed),
      initializer: graph.initializer.map((t) => copyTensor(t, { name: this.rename(t.name, call) })),
      sparseInitializer: graph.sparseInitializer.map((sparse) =>
        copyMessage(SparseTensorProtoSchema, sparse, {
          ...(sparse.values && {
            values: copyTensor(sparse.values, { name: this.rename(sparse.values.name, call) }),
          }),
        }),
      ),
      // Facts about names that are others now.
      valueInfo: [],
      quantizationAnnotation: [],
    });
  }

  private spend(names: number): void {
    this.left -= names;
    if (this.left < 0)
      throw new UserError('The functions of this model call each other too often to be written out.');
  }

  private rename(name: string, { names, prefix }: Call): string {
    if (name === '') return '';
    const renamed = names.get(name) ?? this.freshValue(`${prefix}/${name}`);
    names.set(name, renamed);
    return renamed;
  }
}

function callKey({ domain, opType, overload }: NodeProto): string {
  return functionKey({ domain, name: opType, overload });
}
