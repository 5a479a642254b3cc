import type { Sort } from './grid/rows';

/** How the user looks at a model; survives hiding the tab, not part of the recipe. */
export interface ViewState {
  readonly sort: Sort | null;
  readonly filter: string;
  /** The operator whose layers are shown; empty for all. */
  readonly op: string;
  /** Leave out what is quantized already or cannot be. */
  readonly onlyQuantizable: boolean;
  /** Columns that the user took out of the grid. */
  readonly hiddenColumns: readonly string[];
  readonly scrollTop: number;
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
  op: '',
  onlyQuantizable: false,
  hiddenColumns: [],
  scrollTop: 0,
  current: null,
  selected: [],
  logCounts: false,
  detailShare: 0.36,
  showSkipped: false,
};

/** A saved state as far as it makes sense, which one of another version of this extension may not. */
export function readViewState(saved: unknown): ViewState {
  if (typeof saved !== 'object' || saved === null) return DEFAULT_VIEW;
  const fits = ([key, value]: [string, unknown]) =>
    Object.hasOwn(DEFAULT_VIEW, key) && CHECKS[key as keyof ViewState](value);
  return { ...DEFAULT_VIEW, ...Object.fromEntries(Object.entries(saved).filter(fits)) };
}

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const CHECKS: Readonly<Record<keyof ViewState, (value: unknown) => boolean>> = {
  sort: (value) => value === null || isSort(value),
  filter: isText,
  op: isText,
  onlyQuantizable: isFlag,
  hiddenColumns: isTexts,
  scrollTop: (value) => typeof value === 'number' && value >= 0,
  current: (value) => value === null || isText(value),
  selected: isTexts,
  logCounts: isFlag,
  detailShare: (value) => typeof value === 'number' && value >= 0.2 && value <= 0.7,
  showSkipped: isFlag,
};

function isSort(value: unknown): boolean {
  const { column, descending } = Object(value) as Record<string, unknown>;
  return isText(column) && isFlag(descending);
}
