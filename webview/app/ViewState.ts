import { FLOAT, isSchemeId, type SchemeId } from '../../src/core/scheme/scheme';
import { COMMON_SCHEMES } from '../../src/core/scheme/schemeLists';
import type { Level } from '../../src/core/measure/Measurement';
import type { Sort } from '../features/grid/rows';

/** Columns that the heatmap can have. */
export const MAX_SCHEMES = 100;

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
  /** Schemes whose errors the heatmap shows. */
  readonly schemes: readonly SchemeId[];
  /** Which errors the heatmap shows. */
  readonly level: Level;
  /** At outputs: weights rounded by moments. */
  readonly repaired: boolean;
  /** At the model's outputs: each layer left in float as well, all others quantized as the recipe says. */
  readonly others: boolean;
  readonly scrollTop: number;
  /** Name of the layer in the detail pane. */
  readonly current: string | null;
  readonly selected: readonly string[];
  readonly logCounts: boolean;
  /** The tab of the details: the weights under one scheme, the layer's input, or many schemes side by side. */
  readonly detail: 'weights' | 'input' | 'repair' | 'bakeOff';
  /** Weights of a vector quantizer as pairs in the plane rather than one by one. */
  readonly pairs: boolean;
  /** The bake-off as a table; at the size that an entropy coder would reach; with schemes of 16 bits. */
  readonly bakeOffTable: boolean;
  readonly entropyCoded: boolean;
  readonly allBits: boolean;
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
  schemes: COMMON_SCHEMES,
  level: 'weights',
  repaired: false,
  others: false,
  scrollTop: 0,
  current: null,
  selected: [],
  logCounts: false,
  detail: 'weights',
  pairs: true,
  bakeOffTable: false,
  entropyCoded: false,
  allBits: false,
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
  schemes: isSchemeList,
  level: (value) => value === 'weights' || value === 'layer' || value === 'model',
  repaired: isFlag,
  others: isFlag,
  scrollTop: (value) => typeof value === 'number' && value >= 0,
  current: (value) => value === null || isText(value),
  selected: isTexts,
  logCounts: isFlag,
  detail: (value) => ['weights', 'input', 'repair', 'bakeOff'].includes(value as string),
  pairs: isFlag,
  bakeOffTable: isFlag,
  entropyCoded: isFlag,
  allBits: isFlag,
  detailShare: (value) => typeof value === 'number' && value >= 0.2 && value <= 0.7,
  showSkipped: isFlag,
};

/** Schemes that have an error, each once, and no more than anyone can look at. */
function isSchemeList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MAX_SCHEMES || new Set(value).size < value.length) return false;
  return value.every((id) => isSchemeId(id) && id !== FLOAT);
}

function isSort(value: unknown): boolean {
  const { column, descending } = Object(value) as Record<string, unknown>;
  return isText(column) && isFlag(descending);
}
