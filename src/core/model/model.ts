/** An input or output of the model. A dimension is a size, the name of a free dimension, or null if it has none. */
export interface ValueSummary {
  readonly name: string;
  readonly elementType: string;
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OpsetSummary {
  readonly domain: string;
  readonly version: number;
}

export interface ModelSummary {
  readonly path: string;
  /** Size of the model file itself. */
  readonly bytes: number;
  /** Size of what the model uses of external data files. */
  readonly externalBytes: number;
  readonly producer: string;
  readonly irVersion: number;
  /** Version of the default operator set. */
  readonly opset: number;
  readonly opsets: readonly OpsetSummary[];
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** Number of elements in all floating-point constants. */
  readonly parameters: number;
  /** Bytes that hold those constants. */
  readonly weightBytes: number;
}

/** A weight that can be quantized, with the nodes that use it. */
export interface LayerSummary {
  /** Unique in the model and stable between openings: the key in recipes. */
  readonly name: string;
  readonly op: string;
  /** Name of the weight tensor. */
  readonly weight: string;
  /** Names of all nodes that use this weight; more than one if it is shared. */
  readonly nodes: readonly string[];
  /** Where the weight lives, outermost first, as in `If_0/then_branch`; empty in the main graph. */
  readonly scope: string;
  readonly shape: readonly number[];
  readonly elementType: string;
  readonly parameters: number;
  /** Bytes of the weight in the source model. */
  readonly bytes: number;
  /** Number of output channels, which per-channel schemes give a scale each. */
  readonly channels: number;
  /** How the weight is quantized already, in words; null if it is not. Such a layer is shown and left alone. */
  readonly quantized: string | null;
}

/** A constant or node that looks like a weight but is not quantized, and why. */
export interface SkippedSummary {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
  readonly reason: string;
}

export interface Inspection {
  readonly model: ModelSummary;
  readonly layers: readonly LayerSummary[];
  readonly skipped: readonly SkippedSummary[];
  /** Facts about the model that a user should know, in sentences. */
  readonly notes: readonly string[];
}
