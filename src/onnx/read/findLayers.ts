import type { NodeProto } from 'onnx-buf';
import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { LayerSummary, SkippedSummary } from '../../core/model/model';
import { resolveLayout, type Channels } from './channelTracking';
import { declaredShape } from './constantExpression';
import { elementTypeName } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import { nodeName } from '../graph/nodes';
import { otherConstants } from './otherConstants';
import { rowsOfCodes } from './rowTables';
import type { ConstantTensor, Scope } from '../graph/Scope';
import { elementCount, tensorShape } from '../file/shapes';
import { checkTensor, tensorByteLength } from '../file/tensor';
import { uniqueNames } from '../graph/uniqueNames';
import { declaredBits, quantizedInputs, takesEitherSide, weightInputs, type WeightInput } from './weightOps';
import { WeightTracer } from './WeightTracer';
import type { QuantizedWeight, Source } from './weightSources';

/** A layer with what reading and rewriting its weight need. */
export interface Layer {
  readonly summary: LayerSummary;
  readonly constant: ConstantTensor;
  readonly layout: ChannelLayout;
}

export interface FoundLayers {
  readonly layers: readonly Layer[];
  /** Every other float constant, and every node that could have a weight but has none. */
  readonly skipped: readonly SkippedSummary[];
}

/** A layer while its users are being collected. */
interface Draft {
  readonly constant: ConstantTensor;
  readonly op: string;
  readonly name: string;
  readonly layout: ChannelLayout;
  readonly shape: readonly number[];
  readonly nodes: Set<string>;
  quantized: string | null;
}

/**
 * Finds every weight that can be quantized, wherever it is, and accounts for every other float constant. One weight is one layer,
 * whoever uses it; the first user in graph order gives it its name and its channels. A weight that any user takes in quantized form
 * counts as quantized.
 * @throws UserError if a tensor's shape, bytes or place are not what they should be
 */
export function findLayers(scopes: readonly Scope[], files: ExternalFiles): FoundLayers {
  const finder = new LayerFinder(new WeightTracer(scopes));
  for (const scope of scopes)
    if (!scope.isTraining) for (const node of scope.graph.node) finder.visit(scope, node);
  const drafts = finder.drafts();
  const names = uniqueNames(drafts.map(({ name, constant }) => ({ name, scope: constant.scope.name })));
  const layers = drafts.map((draft, i) => toLayer(names[i]!, draft, files));
  const taken = new Set(drafts.map(({ constant }) => constant));
  return { layers, skipped: [...finder.skipped, ...otherConstants(scopes, taken, finder.parts, files)] };
}

class LayerFinder {
  readonly skipped: SkippedSummary[] = [];
  /** Constants that belong to a quantized weight: scales, zero points, tables. */
  readonly parts = new Set<ConstantTensor>();
  /** Codes in each byte of tables whose bytes are looked up after rows are taken. */
  private readonly perByte = new Map<ConstantTensor, number>();
  private readonly found = new Map<ConstantTensor, Draft>();

  constructor(private readonly tracer: WeightTracer) {}

  /** The table of a packed weight looks like an embedding, as both are read by Gather, and so do the scales and zero points of rows. */
  drafts(): Draft[] {
    return [...this.found.values()]
      .filter(
        ({ constant, op, quantized }) => (quantized !== null && op !== 'Gather') || !this.parts.has(constant),
      )
      .map((draft) => {
        const perByte = this.perByte.get(draft.constant);
        if (perByte === undefined || draft.op !== 'Gather') return draft;
        const shape = draft.shape.with(-1, draft.shape.at(-1)! * perByte);
        return { ...draft, shape, quantized: `${8 / perByte} bit (table lookup)` };
      });
  }

  visit(scope: Scope, node: NodeProto): void {
    const rows = rowsOfCodes(scope, node);
    for (const part of rows?.parts ?? []) this.parts.add(part);
    if (rows?.perByte) this.perByte.set(rows.codes, rows.perByte);
    for (const index of quantizedInputs(node)) {
      const name = node.input[index];
      if (!name) continue;
      for (const source of this.tracer.trace(scope, name, { axes: [] }))
        if (source.kind === 'quantized') this.addQuantized(node, '', source);
    }
    const inputs = weightInputs(node);
    const missing: { input: WeightInput; reason: string }[] = [];
    for (const input of inputs) {
      const sources = this.tracer.trace(scope, node.input[input.index]!, input);
      for (const source of sources) this.add(node, input, source);
      const reason = whyNone(sources);
      if (reason) missing.push({ input, reason });
    }
    this.skip(node, inputs, missing);
  }

  private add(node: NodeProto, { suffix }: WeightInput, source: Source): void {
    if (source.kind === 'quantized') this.addQuantized(node, suffix, source);
    if (source.kind !== 'float') return;
    const shape = tensorShape(source.constant.tensor);
    if (isWeight(shape, source.channels))
      this.addUse(node, suffix, {
        constant: source.constant,
        shape,
        channels: source.channels,
        quantized: null,
      });
  }

  private addQuantized(node: NodeProto, suffix: string, weight: QuantizedWeight): void {
    const { codes, type, by, parts } = weight;
    // Scalars and vectors are operands that happen to be integers.
    if (codes.tensor.dims.length < 2 && by === null) return;
    // Bits are the node's business only where it decodes the weight itself.
    const bits = by === null ? declaredBits(node) : null;
    const decoder = by ?? (quantizedInputs(node).length > 0 ? node.opType : 'Cast');
    this.addUse(node, suffix, {
      constant: codes,
      shape: declaredShape(node) ?? weight.shape,
      channels: null,
      quantized: `${bits === null ? type : `${bits} bit`} (${decoder})`,
    });
    for (const part of parts) this.parts.add(part);
  }

  private addUse(
    node: NodeProto,
    suffix: string,
    use: {
      constant: ConstantTensor;
      shape: readonly number[];
      channels: Channels | null;
      quantized: string | null;
    },
  ): void {
    const { constant, shape, channels, quantized } = use;
    const existing = this.found.get(constant);
    if (existing) {
      existing.nodes.add(nodeName(node));
      existing.quantized ??= quantized;
      return;
    }
    this.found.set(constant, {
      constant,
      op: node.opType,
      name: node.name ? node.name + suffix : constant.name,
      layout: resolveLayout(shape, channels),
      shape,
      nodes: new Set([nodeName(node)]),
      quantized,
    });
  }

  /** Notes a node, or one input of it, that could have a weight and has none. */
  private skip(
    node: NodeProto,
    inputs: readonly WeightInput[],
    missing: readonly { input: WeightInput; reason: string }[],
  ): void {
    // Gather on activations is ordinary indexing.
    if (node.opType === 'Gather') return;
    const note = (suffix: string, reason: string) =>
      this.skipped.push({
        name: nodeName(node) + suffix,
        op: node.opType,
        shape: [],
        parameters: 0,
        bytes: 0,
        reason,
      });
    if (!takesEitherSide(node)) for (const { input, reason } of missing) note(input.suffix, reason);
    else if (missing.length === inputs.length && missing.length > 0) {
      const telling = missing.find(({ reason }) => reason !== AT_RUN_TIME);
      note('', telling?.reason ?? 'both operands are activations');
    }
  }
}

/** A list is a weight where it is reshaped to one: to several channels of several elements. */
function isWeight(shape: readonly number[], channels: Channels | null): boolean {
  if (elementCount(shape) === 0) return false;
  if (shape.length >= 2) return true;
  const { channels: count, outer, inner } = resolveLayout(shape, channels);
  return shape.length === 1 && count > 1 && outer * inner > 1;
}

const AT_RUN_TIME = 'weight is computed at run time';

/** Why an input is no weight; null if some of it is. */
function whyNone(sources: readonly Source[]): string | null {
  if (sources.some(({ kind }) => kind === 'float' || kind === 'quantized')) return null;
  const none = sources.find((source) => source.kind === 'none');
  return none ? none.reason : AT_RUN_TIME;
}

function toLayer(name: string, draft: Draft, files: ExternalFiles): Layer {
  const { constant, op, layout, shape, quantized, nodes } = draft;
  const { tensor } = constant;
  if (quantized === null) checkTensor(tensor, files);
  return {
    summary: {
      name,
      op,
      weight: constant.name,
      nodes: [...nodes],
      scope: constant.scope.name,
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
