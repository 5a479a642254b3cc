import type { NodeProto } from 'onnx-buf';
import type { ChannelLayout } from '../shared/ChannelLayout';
import type { LayerSummary, SkippedSummary } from '../shared/model';
import { channelLayout } from './channelLayout';
import { checkTensor, elementCount, tensorByteLength, tensorShape } from './tensor';
import { elementTypeName, isFloat } from './elementTypes';
import type { ExternalFiles } from './externalData';
import { attribute, Scope, type ConstantTensor } from './Scope';
import { traceWeight } from './traceWeight';
import { quantizedInputs, roleOf, weightInputs } from './weightOps';

/** A layer with what reading and rewriting its weight need. */
export interface Layer {
  readonly summary: LayerSummary;
  readonly constant: ConstantTensor;
  readonly layout: ChannelLayout;
}

export interface FoundLayers {
  readonly layers: readonly Layer[];
  readonly skipped: readonly SkippedSummary[];
}

/** A layer while its users are being collected. */
interface Draft {
  readonly constant: ConstantTensor;
  readonly op: string;
  readonly name: string;
  readonly scope: string;
  readonly layout: ChannelLayout;
  readonly shape: readonly number[];
  readonly quantized: string | null;
  readonly nodes: Set<string>;
}

/**
 * Finds every weight that can be quantized, wherever it is, and accounts for every other float constant. One weight is one layer,
 * whoever uses it; the first user in graph order gives it its name and its channels.
 * @throws UserError if a tensor's shape, bytes or place are not what they should be
 */
export function findLayers(scopes: readonly Scope[], files: ExternalFiles): FoundLayers {
  const drafts = new Map<ConstantTensor, Draft>();
  /** Constants that belong to a quantized weight: scales, zero points, tables. */
  const parts = new Set<ConstantTensor>();
  const skipped: SkippedSummary[] = [];
  for (const scope of scopes) {
    for (const node of scope.graph.node) findInNode(scope, node, drafts, parts, skipped);
  }
  const layers = nameUniquely([...drafts.values()]).map(([name, draft]) => toLayer(name, draft, files));
  return { layers, skipped: [...skipped, ...otherConstants(scopes, drafts, parts, files)] };
}

function findInNode(
  scope: Scope,
  node: NodeProto,
  drafts: Map<ConstantTensor, Draft>,
  parts: Set<ConstantTensor>,
  skipped: SkippedSummary[],
): void {
  const add = (
    constant: ConstantTensor,
    suffix: string,
    axes: readonly number[] | null,
    quantized: string | null,
  ) => {
    const known = drafts.get(constant);
    if (known) {
      known.nodes.add(nodeName(node));
      return;
    }
    const shape = tensorShape(constant.tensor);
    drafts.set(constant, {
      constant,
      op: node.opType,
      name: node.name ? node.name + suffix : constant.name,
      scope: constant.scope.name,
      layout: channelLayout(shape, axes),
      shape,
      quantized,
      nodes: new Set([nodeName(node)]),
    });
  };
  for (const index of quantizedInputs(node)) {
    const definition = scope.resolve(node.input[index] ?? '');
    if (definition?.kind === 'constant')
      add(definition.constant, '', null, `${storedAs(node, definition.constant)} (${node.opType})`);
  }
  const weights = weightInputs(node).filter(({ index }) => node.input[index]);
  const reasons = new Map<number, string>();
  for (const { index, axes, suffix } of weights) {
    const origin = traceWeight(scope, node.input[index]!, axes);
    if (origin.kind === 'weights') {
      for (const leaf of origin.leaves)
        if (leaf.constant.tensor.dims.length >= 2) add(leaf.constant, suffix, leaf.axes, null);
    } else if (origin.kind === 'quantized') {
      const type = elementTypeName(origin.codes.tensor.dataType);
      add(origin.codes, suffix, null, `${type} (${origin.by})`);
      for (const part of origin.parts) if (part !== origin.codes) parts.add(part);
    } else if (origin.kind === 'computed') reasons.set(index, `weight is computed by ${origin.by}`);
    else reasons.set(index, 'weight is computed at run time');
  }
  const reason = whyNone(node, weights.length, reasons);
  if (reason)
    skipped.push({ name: nodeName(node), op: node.opType, shape: [], parameters: 0, bytes: 0, reason });
}

/** Why a node that could have a weight has none; null if it has one, or none was to be expected. */
function whyNone(node: NodeProto, inputs: number, reasons: ReadonlyMap<number, string>): string | null {
  // Gather on activations is ordinary indexing.
  if (inputs === 0 || reasons.size < inputs || node.opType === 'Gather') return null;
  const [reason] = [...reasons.values()].filter((text) => text !== 'weight is computed at run time');
  if (reason) return reason;
  return node.opType === 'MatMul' || node.opType === 'Gemm'
    ? 'both operands are activations'
    : 'weight is computed at run time';
}

function storedAs(node: NodeProto, { tensor }: ConstantTensor): string {
  const bits = attribute(node, 'bits')?.i;
  return bits ? `${bits} bit` : elementTypeName(tensor.dataType);
}

function nodeName(node: NodeProto): string {
  return node.name || node.output.find((name) => name !== '') || node.opType;
}

/** Gives each draft a name of its own: its scope in front where two are alike, then a number. */
function nameUniquely(drafts: readonly Draft[]): [string, Draft][] {
  const uses = new Map<string, number>();
  for (const { name } of drafts) uses.set(name, (uses.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  return drafts.map((draft) => {
    const base = uses.get(draft.name)! > 1 && draft.scope ? `${draft.scope}/${draft.name}` : draft.name;
    let name = base;
    for (let i = 2; taken.has(name); i++) name = `${base}#${i}`;
    taken.add(name);
    return [name, draft];
  });
}

function toLayer(name: string, draft: Draft, files: ExternalFiles): Layer {
  const { constant, op, scope, layout, shape, quantized, nodes } = draft;
  const { tensor } = constant;
  if (quantized === null) checkTensor(tensor, files);
  return {
    summary: {
      name,
      op,
      weight: constant.name,
      nodes: [...nodes],
      scope,
      shape,
      elementType: elementTypeName(tensor.dataType),
      parameters: elementCount(shape),
      bytes: tensorByteLength(tensor),
      channels: layout.channels,
      quantized,
    },
    constant,
    layout,
  };
}

/** Every float constant that is no layer, with the reason. */
function otherConstants(
  scopes: readonly Scope[],
  drafts: ReadonlyMap<ConstantTensor, Draft>,
  parts: ReadonlySet<ConstantTensor>,
  files: ExternalFiles,
): SkippedSummary[] {
  const roles = rolesOf(scopes);
  const skipped: SkippedSummary[] = [];
  for (const scope of scopes) {
    for (const definition of scope.definitions.values()) {
      if (definition.kind !== 'constant') continue;
      const { constant } = definition;
      const { tensor, name } = constant;
      if (!isFloat(tensor.dataType) || drafts.has(constant)) continue;
      checkTensor(tensor, files);
      const role = roles.get(constant);
      const isOutput = scope.graph.output.some(
        (output) => (typeof output === 'string' ? output : output.name) === name,
      );
      const shape = tensorShape(tensor);
      skipped.push({
        name,
        op: role?.op ?? '',
        shape,
        parameters: elementCount(shape),
        bytes: tensorByteLength(tensor),
        reason: parts.has(constant)
          ? 'scale or table of a quantized weight'
          : (role?.reason ?? (isOutput ? 'output of its graph' : 'not used')),
      });
    }
  }
  return skipped;
}

/** What each constant is to its first user. */
function rolesOf(scopes: readonly Scope[]): Map<ConstantTensor, { op: string; reason: string }> {
  const roles = new Map<ConstantTensor, { op: string; reason: string }>();
  for (const scope of scopes) {
    for (const node of scope.graph.node) {
      node.input.forEach((name, index) => {
        const definition = name ? scope.resolve(name) : undefined;
        if (definition?.kind === 'constant' && !roles.has(definition.constant))
          roles.set(definition.constant, { op: node.opType, reason: roleOf(node, index) });
      });
    }
  }
  return roles;
}
