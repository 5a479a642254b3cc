import { describeScheme } from '../../../src/core/scheme/describeScheme';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { ACTIVATIONS, LEAVE_ONE_OUT } from '../../../src/core/measure/Measurement';
import { shortScheme } from './shortScheme';

export interface Column {
  readonly id: string;
  readonly title: string;
  /** A second, smaller line of the title. */
  readonly subtitle?: string;
  /** The title in full. */
  readonly description: string;
  /** In pixels. */
  readonly width: number;
  readonly align: 'start' | 'end' | 'center';
  /** Which order a first click sorts by; absent where sorting makes no sense. */
  readonly first?: 'ascending' | 'descending';
  /** The scheme of a heatmap column. */
  readonly scheme?: SchemeId;
  /** A column of the heatmap: what its errors are called in `Row.heat`. */
  readonly heat?: string;
}

const COLUMNS: readonly Column[] = [
  { id: 'select', title: '', description: 'Selected', width: 30, align: 'center' },
  {
    id: 'name',
    title: 'Layer',
    description: 'Name of the node',
    width: 140,
    align: 'start',
    first: 'ascending',
  },
  { id: 'op', title: 'Op', description: 'Operator', width: 66, align: 'start', first: 'ascending' },
  {
    id: 'shape',
    title: 'Shape',
    description: 'Shape of the weight',
    width: 106,
    align: 'start',
    first: 'ascending',
  },
  {
    id: 'parameters',
    title: 'Params',
    description: 'Number of weights',
    width: 58,
    align: 'end',
    first: 'descending',
  },
  {
    id: 'share',
    title: 'Share',
    description: 'Share of the file',
    width: 58,
    align: 'end',
    first: 'descending',
  },
  { id: 'histogram', title: 'Weights', description: 'Histogram of the weights', width: 68, align: 'center' },
  {
    id: 'scheme',
    title: 'Scheme',
    description: 'Chosen scheme',
    width: 102,
    align: 'start',
    first: 'ascending',
  },
  {
    id: 'bits',
    title: 'Bits',
    description: 'Bits per weight, scales included',
    width: 42,
    align: 'end',
    first: 'ascending',
  },
  {
    id: 'sqnr',
    title: 'SQNR',
    description: 'Weight error under the chosen scheme',
    width: 66,
    align: 'end',
    first: 'ascending',
  },
];

/** Columns that can be left out, the most useful first. */
export const OPTIONAL_COLUMNS = ['sqnr', 'share', 'op', 'bits', 'histogram', 'parameters', 'shape'] as const;

/** Pixels of a character of a column's title, and of the narrowest column of the heatmap. */
const CHARACTER = 6;
const HEAT_LEAST = 48;

function heatColumn(scheme: SchemeId): Column {
  const { format, options } = shortScheme(scheme);
  return {
    id: scheme,
    title: format,
    subtitle: options,
    description: `${scheme}: ${describeScheme(scheme)}`,
    width: Math.max(HEAT_LEAST, 12 + CHARACTER * Math.max(format.length, options.length)),
    align: 'center',
    first: 'ascending',
    scheme,
    heat: scheme,
  };
}

/** Error of the model's outputs when a layer's input is quantized. */
const ACTIVATIONS_COLUMN: Column = {
  id: ACTIVATIONS,
  title: 'input',
  subtitle: '8 bits',
  description: "The layer's weights float, its input quantized as the recipe's activations are.",
  width: 60,
  align: 'center',
  first: 'ascending',
  heat: ACTIVATIONS,
};

/** Gain at the model's outputs from leaving a layer in float while the recipe holds for all others. */
const LEAVE_ONE_OUT_COLUMN: Column = {
  id: LEAVE_ONE_OUT,
  title: 'left in float',
  subtitle: 'others quantized',
  description:
    'All other layers quantized as the recipe says, this one left in float, its input as well; the small number is what that gains over the recipe as it is',
  width: 108,
  align: 'center',
  first: 'descending',
  heat: LEAVE_ONE_OUT,
};

/** Share of the grid that the heatmap asks for before it is scrolled. */
const HEAT_SHARE = 0.45;
const HEAT_MINIMUM = 300;

/** Width of the name before another column is shown, and at the least. */
const NAME_COMFORT = 156;
const NAME_LEAST = 140;

/**
 * The columns for a grid that is `width` pixels wide, and what the name gets of it. A narrow grid leaves out columns, the
 * least useful first, until a good part of the heatmap is in view; what does not fit is scrolled to, under the name.
 */
export function layOut(
  width: number,
  hidden: readonly string[],
  schemes: readonly SchemeId[],
  { activations = false, others = false } = {},
): { columns: readonly Column[]; name: number } {
  const optional = OPTIONAL_COLUMNS.filter((id) => !hidden.includes(id));
  const heat = [
    ...(others ? [LEAVE_ONE_OUT_COLUMN] : []),
    ...(activations ? [ACTIVATIONS_COLUMN] : []),
    ...schemes.map(heatColumn),
  ];
  const widthOf = (columns: readonly Column[]) =>
    columns.reduce((sum, column) => sum + (column.id === 'name' ? 0 : column.width), 0);
  const inView = Math.min(widthOf(heat), Math.max(HEAT_SHARE * width, HEAT_MINIMUM));
  for (let count = optional.length; ; count--) {
    const kept = new Set<string>(optional.slice(0, count));
    const columns = COLUMNS.filter(
      ({ id }) => kept.has(id) || !(OPTIONAL_COLUMNS as readonly string[]).includes(id),
    );
    const left = width - widthOf(columns) - inView;
    if (left < NAME_COMFORT && count > 0) continue;
    const rest = width - widthOf(columns) - widthOf(heat);
    return {
      columns: [...columns, ...heat],
      name: Math.max(NAME_LEAST, Math.min(left, Math.max(rest, NAME_COMFORT))),
    };
  }
}

/** The title of a column, by its id. */
export function columnTitle(id: string): string {
  return COLUMNS.find((column) => column.id === id)!.title;
}
