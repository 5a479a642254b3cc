/** A model as integer computation needs it: BatchNormalization folded, weights as initializers, an opset with scales per channel. */
import { ONNX } from '../../core/model/modelFormats';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../onnx/graph/Graph';
import { widenIndices } from '../../onnx/write/wideIndices';
import { serializeModel, serializeWhole } from '../../onnx/write/serializeModel';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { UserError } from '../../base/UserError';
import { readModel, type OpenModel } from '../models/OpenModels';
import { changed, upgradeOpset, whyNot } from './upgradeOpset';
import type { VerifyOptions } from '../compare/verify';

/** First opset whose DequantizeLinear takes a scale for each channel. */
const PER_CHANNEL_OPSET = 13;

export interface Prepared {
  readonly model: OpenModel;
  /** Steps that were left out, each a sentence. */
  readonly notes: readonly string[];
}

/**
 * Prepares a model step by step; each is compared with the original in onnxruntime, and left out if it changes outputs or layers.
 * @param folder where it may be written meanwhile
 * @throws UserError if the model cannot be brought to an opset with scales per channel
 * @throws CancelledError
 */
export async function prepareForIntegers(
  model: OpenModel,
  folder: string,
  options: Omit<VerifyOptions, 'output'>,
): Promise<Prepared> {
  const notes: string[] = [];
  const folded = await fold(model, folder, options);
  if (typeof folded === 'string') notes.push(`BatchNormalization and constants were not folded: ${folded}.`);
  const base = typeof folded === 'string' ? model : folded;
  if (base.inspection.model.opset >= PER_CHANNEL_OPSET) return { model: base, notes };
  const raised = await upgradeOpset(base, PER_CHANNEL_OPSET, folder, options);
  if (typeof raised === 'string')
    throw new UserError(
      `Integer computation needs opset ${PER_CHANNEL_OPSET}, and the model cannot be brought to it: ${raised}.`,
    );
  return { model: raised, notes };
}

/** @returns the folded model, or why there is none */
async function fold(
  model: OpenModel,
  folder: string,
  options: Omit<VerifyOptions, 'output'>,
): Promise<OpenModel | string> {
  const path = join(folder, `folded${ONNX.extensions[0]}`);
  try {
    await RuntimeModel.optimize(sourceFile(model, folder, options.source), path, 'basic');
    const optimized = readModel(path);
    const tidied = widenIndices(withFormerNames(withoutUnusedDomains(optimized.graph)));
    writeFileSync(path, serializeModel(tidied, optimized.files, '').model);
    const folded = readModel(path);
    return (await changed(model, folded, { ...options, output: path }, 'folded')) ?? folded;
  } catch (error) {
    return whyNot(error, 'folded');
  }
}

/** A file of the model with its functions inlined: onnxruntime would inline them under other names. */
function sourceFile(model: OpenModel, folder: string, source: string): string {
  if (model.isAsInFile) return source;
  const path = join(folder, `inlined${ONNX.extensions[0]}`);
  writeFileSync(path, serializeWhole(model.graph, model.files));
  return path;
}

/** onnxruntime names every operator set that it knows, whether the model has operators of it or not. */
function withoutUnusedDomains(graph: Graph): Graph {
  const used = new Set(graph.scopes.flatMap((scope) => scope.graph.node.map(({ domain }) => domain)));
  const { opsetImport } = graph.model;
  return graph.edit((edits) =>
    edits.setVersions({
      opsetImport: opsetImport.filter(({ domain }) => domain === '' || used.has(domain)),
    }),
  );
}

/** What onnxruntime appends to the name of a MatMul that takes up the Add behind it. */
const FUSED = '/MatMulAddFusion';

/** Layers are known by their nodes' names, so that a node that took up another keeps its own. */
function withFormerNames(graph: Graph): Graph {
  return graph.edit((edits) => {
    for (const scope of graph.scopes)
      for (const node of scope.graph.node)
        if (node.name.endsWith(FUSED)) edits.in(scope).draft(node).name = node.name.slice(0, -FUSED.length);
  });
}
