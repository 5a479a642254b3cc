/** A summary of the data that a recipe names. */
export interface DataSummary {
  /** Samples, up to the recipe's limit; of these, how many activations are observed on and how many an export is compared on. */
  readonly samples: number;
  readonly observed: number;
  readonly heldOut: number;
  /** How many have labels, and how many classes these name; null if the recipe names no labels. */
  readonly labels: { readonly labelled: number; readonly classes: number } | null;
  /** Tells which arrays are cut into samples, and along which axis; null where none has more than one row. */
  readonly batch: string | null;
  readonly inputs: readonly InputData[];
  readonly thumbnails: readonly Thumbnail[];
  /** Remarks on how samples were found, in sentences. */
  readonly notes: readonly string[];
}

/** The samples of one input, as far as they were read: not every one is. */
export interface InputData {
  readonly name: string;
  /** Shapes as they come out, the most frequent first. */
  readonly shapes: readonly { readonly shape: readonly number[]; readonly samples: number }[];
  /** How many do not fit, and what is wrong with the first of them, in one sentence; null if all fit. */
  readonly misfits: { readonly samples: number; readonly problem: string } | null;
  /** Samples that were read. */
  readonly read: number;
}

/** A small picture of a sample. */
export interface Thumbnail {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each pixel. */
  readonly rgba: Uint8ClampedArray;
}
