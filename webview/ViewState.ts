/** How the user looks at a model; survives hiding the tab, not part of the recipe. */
export interface ViewState {
  readonly sort: { readonly column: string; readonly descending: boolean } | null;
  readonly filter: string;
  /** Name of the layer in the detail pane. */
  readonly current: string | null;
  readonly selected: readonly string[];
  readonly logCounts: boolean;
  /** Share of the window that the detail pane takes, 0 to 1. */
  readonly detailShare: number;
  readonly showSkipped: boolean;
}

export const DEFAULT_VIEW: ViewState = {
  sort: null,
  filter: '',
  current: null,
  selected: [],
  logCounts: false,
  detailShare: 0.38,
  showSkipped: false,
};

/** What can be used of a saved state. */
export function readViewState(saved: unknown): Partial<ViewState> {
  return typeof saved === 'object' && saved !== null ? (saved as Partial<ViewState>) : {};
}
