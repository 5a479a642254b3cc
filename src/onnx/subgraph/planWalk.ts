/** How a model is cut into segments at its layers, so that each layer is met once, with all before it done. */
import type { NodeProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';
import { readNames } from './readNames';
import { weightUses } from './weightUses';

/** A layer that is met on the way. */
export interface WalkSite {
  readonly layer: string;
  /** The nodes that compute with its weight. */
  readonly nodes: readonly NodeProto[];
  /** The segment behind which it is visited. */
  readonly segment: number;
}

export interface WalkSegment {
  /** In the order of the graph; none that follows from constants alone. */
  readonly nodes: readonly NodeProto[];
  /** Values from before that they read. */
  readonly reads: readonly string[];
  /** Their results that later segments, or the visits behind this one, read. */
  readonly gives: readonly string[];
  readonly sites: readonly WalkSite[];
  /** Values that nothing reads once these are visited. */
  readonly ends: readonly string[];
}

export interface WalkPlan {
  readonly segments: readonly WalkSegment[];
  /** Layers that are not met: name to reason, as the end of a sentence. */
  readonly left: ReadonlyMap<string, string>;
}

/** Where a layer is visited: before its nodes compute, or behind them. */
export type VisitAt = 'input' | 'output';

/** Rounds in which uses of one weight are found to be at different places, before all such weights are taken for it. */
const MAX_ROUNDS = 8;

/**
 * Cuts the main graph into segments.
 * @param weights of the layers to visit, by layer: names of constants of the main graph
 * @param outputs whether the segments go on to the model's outputs, which then do not end
 */
export function planWalk(
  graph: Graph,
  weights: ReadonlyMap<string, string>,
  { at, outputs }: { readonly at: VisitAt; readonly outputs: boolean },
): WalkPlan {
  const left = new Map<string, string>();
  const uses = new Map<string, readonly NodeProto[]>();
  for (const [layer, weight] of weights) {
    const nodes = weightUses(graph, weight);
    if (typeof nodes === 'string') left.set(layer, nodes);
    else if (at === 'output' && nodes.length > 1) left.set(layer, 'several nodes share its weight');
    else uses.set(layer, nodes);
  }
  const { computedIn, sites } = place(graph, uses, at);
  const last = outputs ? Infinity : Math.max(-1, ...sites.map(({ segment }) => segment));
  return { segments: segmentsOf(graph, computedIn, sites, { at, outputs, last }), left };
}

interface Places {
  /** The segment of each node that does not follow from constants. */
  readonly computedIn: ReadonlyMap<NodeProto, number>;
  readonly sites: readonly WalkSite[];
}

/**
 * A node computes as soon as all that it reads is there. A layer's nodes wait for its visit, which waits for what all of them read. Where
 * that is not ready at one time (a weight whose uses follow each other, or stand at different depths), nodes do not wait: they could for each
 * other. Such a layer is visited when the last of them can compute; earlier ones have the weight as it was.
 */
function place(graph: Graph, uses: ReadonlyMap<string, readonly NodeProto[]>, at: VisitAt): Places {
  const { main } = graph;
  const computing = graph.nodes.filter((node) => !node.output.some((name) => name && main.isConstant(name)));
  const waiting = new Map([...uses].flatMap(([layer, nodes]) => nodes.map((node) => [node, layer] as const)));
  for (let round = 0; ; round++) {
    const ready = new Map<NodeProto, number>();
    const computedIn = new Map<NodeProto, number>();
    /** The first segment that can read a value; that of an input is 0. */
    const readable = new Map<string, number>();
    for (const node of computing) {
      const since = readNames(node).reduce((most, name) => Math.max(most, readable.get(name) ?? 0), 0);
      const waits = waiting.has(node);
      ready.set(node, since);
      computedIn.set(node, waits && at === 'input' ? since + 1 : since);
      for (const name of node.output) if (name !== '') readable.set(name, waits ? since + 1 : since);
    }
    const apart = [...uses].filter(
      ([, nodes]) =>
        nodes.length > 1 &&
        nodes.some((node) => waiting.has(node)) &&
        (round === MAX_ROUNDS || nodes.some((node) => ready.get(node) !== ready.get(nodes[0]!))),
    );
    if (apart.length === 0) {
      const sites = [...uses].map(([layer, nodes]) => ({
        ...{ layer, nodes },
        segment: Math.max(...nodes.map((node) => ready.get(node)!)),
      }));
      return { computedIn, sites };
    }
    for (const [, nodes] of apart) for (const node of nodes) waiting.delete(node);
  }
}

function segmentsOf(
  graph: Graph,
  computedIn: ReadonlyMap<NodeProto, number>,
  sites: readonly WalkSite[],
  { at, outputs, last }: { at: VisitAt; outputs: boolean; last: number },
): WalkSegment[] {
  const { main } = graph;
  const isLive = (name: string) => name !== '' && main.definitions.has(name) && !main.isConstant(name);
  const results = new Set(outputs ? graph.model.graph.output.map(({ name }) => name).filter(isLive) : []);
  const visited = (node: NodeProto) =>
    [...readNames(node), ...(at === 'output' ? node.output : [])].filter(isLive);
  const goals = new Set([...results, ...sites.flatMap(({ nodes }) => nodes.flatMap(visited))]);
  const kept = neededFor(
    goals,
    [...computedIn].filter(([, segment]) => segment <= last),
  );
  const count =
    Math.max(-1, ...kept.map(([, segment]) => segment), ...sites.map(({ segment }) => segment)) + 1;
  const drafts = Array.from({ length: count }, () => ({
    nodes: [] as NodeProto[],
    reads: new Set<string>(),
    gives: new Set<string>(),
    sites: [] as WalkSite[],
    ends: [] as string[],
  }));
  const madeIn = new Map<string, number>();
  const lastRead = new Map<string, number>();
  /** Notes that a value is wanted in a segment, or behind it. */
  const want = (name: string, segment: number, behind: boolean) => {
    const made = madeIn.get(name);
    if (made !== undefined && (behind || made < segment)) drafts[made]!.gives.add(name);
    lastRead.set(name, Math.max(lastRead.get(name) ?? 0, segment));
  };
  for (const [node, segment] of kept) {
    drafts[segment]!.nodes.push(node);
    for (const name of readNames(node).filter(isLive)) {
      if (madeIn.get(name) !== segment) drafts[segment]!.reads.add(name);
      want(name, segment, false);
    }
    for (const name of node.output) if (name !== '') madeIn.set(name, segment);
  }
  for (const site of sites) {
    drafts[site.segment]!.sites.push(site);
    for (const node of site.nodes) for (const name of visited(node)) want(name, site.segment, true);
  }
  for (const name of results) want(name, count - 1, true);
  for (const [name, segment] of lastRead) {
    const made = madeIn.get(name);
    const isHeld = made === undefined || drafts[made]!.gives.has(name);
    if (isHeld && !results.has(name)) drafts[segment]!.ends.push(name);
  }
  return drafts.map((draft) => ({ ...draft, reads: [...draft.reads], gives: [...draft.gives] }));
}

/** Those of the nodes, in the order of the graph, that the goals follow from. */
function neededFor(
  goals: ReadonlySet<string>,
  nodes: readonly (readonly [NodeProto, number])[],
): (readonly [NodeProto, number])[] {
  const needed = new Set(goals);
  const kept = nodes.toReversed().filter(([node]) => {
    const isNeeded = node.output.some((name) => needed.has(name));
    if (isNeeded) for (const name of readNames(node)) needed.add(name);
    return isNeeded;
  });
  return kept.toReversed();
}
