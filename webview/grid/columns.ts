import { QUANTIZING_SCHEMES, type QuantizingSchemeId } from '../../src/shared/scheme';

export interface Column {
  readonly id: string;
  readonly title: string;
  /** CSS grid track. */
  readonly track: string;
  /** Least width, in pixels, of a grid that shows this column. */
  readonly from: number;
  readonly sortable: boolean;
  readonly align: 'start' | 'end' | 'center';
  /** The scheme of a heatmap column. */
  readonly scheme?: QuantizingSchemeId;
}

const column = (
  id: string,
  title: string,
  track: string,
  from: number,
  more: Partial<Column> = {},
): Column => ({
  id,
  title,
  track,
  from,
  sortable: true,
  align: 'start',
  ...more,
});

/** All columns in their order; narrow grids leave out the less important ones. */
const COLUMNS: readonly Column[] = [
  column('select', '', '28px', 0, { sortable: false, align: 'center' }),
  column('name', 'Layer', 'minmax(140px, 1fr)', 0),
  column('op', 'Op', '72px', 830),
  column('shape', 'Shape', '112px', 1080),
  column('parameters', 'Params', '62px', 960, { align: 'end' }),
  column('share', 'Share', '58px', 760, { align: 'end' }),
  column('histogram', 'Weights', '76px', 900, { sortable: false, align: 'center' }),
  column('scheme', 'Scheme', '124px', 0),
  column('bits', 'Bits', '46px', 710, { align: 'end' }),
  column('sqnr', 'SQNR', '70px', 650, { align: 'end' }),
  ...QUANTIZING_SCHEMES.map((scheme) =>
    column(scheme, scheme, 'minmax(44px, 52px)', 0, { align: 'center', scheme }),
  ),
];

/** The columns that a grid of `width` pixels shows. */
export function columnsFor(width: number): readonly Column[] {
  return COLUMNS.filter(({ from }) => width >= from);
}
