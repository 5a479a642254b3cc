import type { ValueInfoProto } from 'onnx-buf';
import type { Inspection, ValueSummary } from '../../core/model/model';
import { elementTypeName } from '../file/elementTypes';
import { quoted } from '../../base/quoted';
import { isBeside, type ExternalFiles } from '../file/externalData';
import { inlineFunctions } from '../graph/inlineFunctions';
import { defaultInputs } from './defaultInputs';
import { findLayers, type Layer } from './findLayers';
import { defaultOpset, type ParsedModel } from '../file/parseModel';
import { Graph } from '../graph/Graph';
import type { Scope } from '../graph/Scope';
import { tensorByteLength } from '../file/tensor';

/** A model and its layers, in words and as what the engine works on. */
export interface InspectedModel {
  readonly graph: Graph;
  /** Whether the graph is that of the file: not where functions were inlined. */
  readonly isAsInFile: boolean;
  readonly inspection: Inspection;
  readonly layers: ReadonlyMap<string, Layer>;
}

/** @throws UserError if a tensor's shape, bytes or place are not what they should be, or functions call each other without end */
export function inspectModel(
  parsed: ParsedModel,
  files: ExternalFiles,
  file: { readonly path: string; readonly bytes: number },
): InspectedModel {
  const model = inlineFunctions(parsed);
  const graph = new Graph(model);
  const { scopes } = graph;
  const { layers, skipped } = findLayers(scopes, files);
  const summaries = layers.map(({ summary }) => summary);
  const weights = [...summaries, ...skipped];
  // Nothing that a caller has to give.
  const initializers = new Set(model.graph.initializer.map(({ name }) => name));
  return {
    graph,
    isAsInFile: model === parsed,
    layers: new Map(layers.map((layer) => [layer.summary.name, layer])),
    inspection: {
      model: {
        ...file,
        externalBytes: externalBytes(scopes),
        producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
        irVersion: Number(model.irVersion),
        opset: defaultOpset(model.opsetImport),
        opsets: model.opsetImport.map(({ domain, version }) => ({ domain, version: Number(version) })),
        inputs: model.graph.input.filter(({ name }) => !initializers.has(name)).map(valueSummary),
        outputs: model.graph.output.map(valueSummary),
        parameters: weights.reduce((sum, { parameters }) => sum + parameters, 0),
        weightBytes: weights.reduce((sum, { bytes }) => sum + bytes, 0),
      },
      layers: summaries,
      skipped,
      notes: defaultInputs(model).map(
        (name) =>
          `The input ${quoted(name)} has a default value in the file, and is taken for a constant: an export that quantizes it has no such input.`,
      ),
    },
  };
}

function externalBytes(scopes: readonly Scope[]): number {
  let bytes = 0;
  for (const { definitions } of scopes)
    for (const definition of definitions.values())
      if (definition.kind === 'constant' && isBeside(definition.constant.tensor))
        bytes += tensorByteLength(definition.constant.tensor);
  return bytes;
}

function valueSummary({ name, type }: ValueInfoProto): ValueSummary {
  const value = type?.value;
  if (value?.case !== 'tensorType') return { name, elementType: value?.case ?? 'unknown', shape: null };
  const { elemType, shape } = value.value;
  const sizes = shape?.dim.map(({ value: size }) => {
    // Some exporters write a free dimension as -1.
    if (size.case === 'dimValue') return size.value < 0n ? null : Number(size.value);
    return size.case === 'dimParam' && size.value !== '' ? size.value : null;
  });
  return { name, elementType: elementTypeName(elemType), shape: sizes ?? null };
}
