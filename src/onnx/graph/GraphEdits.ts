import { ModelProtoSchema, TrainingInfoProtoSchema, type FunctionProto, type GraphProto } from 'onnx-buf';
import type { ModelProto } from 'onnx-buf';
import type { ParsedModel } from '../file/parseModel';
import { copyMessage } from '../file/protos';
import type { Scope } from './Scope';
import { ScopeEdits } from './ScopeEdits';

/** Changes to a model, collected so that each graph is walked once however many they are. The model itself stays as it is. */
export class GraphEdits {
  private readonly edits = new Map<Scope, ScopeEdits>();
  private changes: Partial<Pick<ModelProto, 'irVersion' | 'opsetImport'>> = {};

  /** @param scopes all graphs of the model, the enclosing ones first */
  constructor(
    private readonly model: ParsedModel,
    private readonly scopes: readonly Scope[],
  ) {}

  /** Changes to the main graph. */
  get main(): ScopeEdits {
    return this.in(this.scopes[0]!);
  }

  /** Changes to one graph; a node that holds it, and the graphs around it, are copied as far as that needs. */
  in(scope: Scope): ScopeEdits {
    const edits = this.edits.get(scope) ?? new ScopeEdits(scope);
    this.edits.set(scope, edits);
    return edits;
  }

  setOpsets(opsetImport: ModelProto['opsetImport']): void {
    this.changes = { ...this.changes, opsetImport };
  }

  /** Raises the model to an IR version, unless it has a later one. */
  needIrVersion(irVersion: bigint): void {
    if (irVersion > (this.changes.irVersion ?? this.model.irVersion))
      this.changes = { ...this.changes, irVersion };
  }

  /** The model with the changes, which shares all else with the one before; that one itself if there are none. */
  apply(): ParsedModel {
    const outermost = new Map<GraphProto | FunctionProto, GraphProto | FunctionProto>();
    // The inner ones first, as an enclosing graph changes with them.
    for (const scope of this.scopes.toReversed()) {
      const after = this.edits.get(scope)?.apply() ?? scope.graph;
      if (after === scope.graph) continue;
      if (scope.holder) this.in(scope.parent!).replaceSubgraph(scope.holder, scope.graph, after);
      else outermost.set(scope.graph, after);
    }
    if (outermost.size === 0 && Object.keys(this.changes).length === 0) return this.model;
    const { graph, functions, trainingInfo } = this.model;
    const now = <T extends GraphProto | FunctionProto>(before: T) => (outermost.get(before) as T) ?? before;
    return copyMessage(ModelProtoSchema, this.model, {
      ...this.changes,
      graph: now(graph),
      functions: functions.map(now),
      trainingInfo: trainingInfo.map((info) =>
        copyMessage(TrainingInfoProtoSchema, info, {
          ...(info.initialization && { initialization: now(info.initialization) }),
          ...(info.algorithm && { algorithm: now(info.algorithm) }),
        }),
      ),
    }) as ParsedModel;
  }
}
