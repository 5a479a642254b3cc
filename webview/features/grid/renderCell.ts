import { html, nothing, type TemplateResult } from 'lit';
import type { Decibels } from '../../../src/core/measure/Decibels';
import {
  formatCount,
  formatDb,
  formatDbCell,
  formatShape,
  formatShare,
} from '../../../src/core/report/format';
import { describeScheme } from '../../../src/core/scheme/describeScheme';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { css, inkOn, sqnrColour } from '../../charts/colourScale';
import { sparklinePath } from '../../charts/sparklinePath';
import { cssProperties } from '../../components/cssProperties';
import { LEAVE_ONE_OUT } from '../../../src/core/measure/Measurement';
import type { Column } from './columns';
import { gainOf, whyNotLeft } from './leaveOneOut';
import { renderCheck } from './renderCheck';
import type { Row } from './rows';
import '../scheme/scheme-select';

interface CellOptions {
  /** From 1, as ARIA counts. */
  readonly index: number;
  readonly tabbable: boolean;
  readonly selected: boolean;
  /** Schemes on no list that are used in this model. */
  readonly used: readonly SchemeId[];
  choose(scheme: SchemeId | null): void;
}

/** Characters of a name that show while there is room for them: names differ at their ends. */
const NAME_END = 14;
const SPARKLINE = { width: 58, height: 18 };

/** One cell of the grid. */
export function renderCell(row: Row, column: Column, options: CellOptions): TemplateResult {
  if (column.heat) return renderHeat(row, column.heat, options);
  if (column.id === 'scheme') return renderScheme(row, options);
  return html`<div
    class="cell ${column.align} ${column.id}"
    role=${column.id === 'name' ? 'rowheader' : 'gridcell'}
    aria-colindex=${options.index}
    aria-label=${column.id === 'select' ? (options.selected ? 'Selected' : 'Not selected') : nothing}
    data-column=${column.id}
    tabindex=${options.tabbable ? 0 : -1}
  >
    ${renderContent(row, column.id, options)}
  </div>`;
}

function renderContent(row: Row, id: string, { selected }: CellOptions) {
  const { layer, analysis, share, bits, sqnrDb, scheme } = row;
  switch (id) {
    case 'select':
      return renderCheck(selected);
    case 'name':
      return renderName(row);
    case 'op':
      return layer.op;
    case 'shape':
      return html`<span class="text" title=${formatShape(layer.shape)}>${formatShape(layer.shape)}</span>`;
    case 'parameters':
      return formatCount(layer.parameters);
    case 'share':
      return formatShare(share);
    case 'histogram':
      return analysis && analysis.sparkline.length > 0 ? renderSparkline(analysis.sparkline) : nothing;
    case 'bits':
      return bits === undefined ? '' : bits.toFixed(1);
    case 'sqnr':
      return scheme === 'float' ? '–' : sqnrDb === undefined ? '' : formatDb(sqnrDb);
    default:
      return nothing;
  }
}

function renderName({ layer }: Row) {
  const shared = layer.nodes.length > 1;
  const where = [
    layer.name,
    `Weight: ${layer.weight}`,
    layer.scope && `In ${layer.scope}`,
    shared && `Used by ${layer.nodes.join(', ')}`,
  ];
  return html`<span class="text ends" dir="auto" title=${where.filter(Boolean).join('\n')}
      ><span>${layer.name.slice(0, -NAME_END)}</span><span>${layer.name.slice(-NAME_END)}</span></span
    >
    ${layer.scope ? html`<span class="badge" title="In ${layer.scope}">${layer.scope}</span>` : nothing}
    ${shared ? html`<span class="badge" title="One weight, used by ${layer.nodes.length} nodes">shared ×${layer.nodes.length}</span>` : nothing}`;
}

function renderSparkline(counts: readonly number[]) {
  const { width, height } = SPARKLINE;
  return html`<svg width=${width} height=${height} role="img" aria-label="Histogram of the weights">
    <path class="bars" d=${sparklinePath(counts, width, height)}></path>
  </svg>`;
}

function renderScheme(row: Row, { index, tabbable, used, choose }: CellOptions) {
  const { scheme, chosen, fixed, layer } = row;
  if (fixed !== null)
    return html`<div
      class="cell start fixed"
      role="gridcell"
      aria-colindex=${index}
      data-column="scheme"
      tabindex=${tabbable ? 0 : -1}
      title=${fixed}
    >
      <span class="text">${layer.quantized === null ? 'not possible' : `already ${layer.quantized}`}</span>
    </div>`;
  return html`<div class="cell start scheme" role="gridcell" aria-colindex=${index}>
    <scheme-select
      plain
      class=${chosen ? 'own' : 'inherited'}
      data-column="scheme"
      .value=${chosen ? scheme : null}
      .none=${chosen ? 'Follow default' : scheme}
      .label="Scheme of ${layer.name}"
      .hint="${scheme}: ${describeScheme(scheme)} ${chosen ? 'Chosen for this layer.' : 'The default scheme.'}"
      .used=${used}
      .focusable=${tabbable}
      @choose-scheme=${(event: CustomEvent<SchemeId | null>) => choose(event.detail)}
    ></scheme-select>
  </div>`;
}

function renderHeat(row: Row, scheme: string, { index, tabbable }: CellOptions) {
  const error = row.heat?.[scheme];
  const chosen = row.scheme === scheme;
  const isLeft = scheme === LEAVE_ONE_OUT;
  const problem = isLeft ? whyNotLeft(row) : row.heatProblem;
  const gain = isLeft ? gainOf(row) : null;
  const state = error ? '' : problem === null ? 'pending' : 'none';
  const value = error ? formatDb(error.sqnrDb) : problem === null ? 'not measured yet' : 'not available';
  return html`<div
    class="cell center heat ${state} ${chosen ? 'chosen' : ''} ${isLeft ? 'left' : ''}"
    role="gridcell"
    aria-colindex=${index}
    aria-label="${scheme}: ${value}${gain === null ? '' : `, ${gain} against the recipe`}${chosen ? ', chosen' : ''}"
    data-column=${scheme}
    data-scheme=${scheme}
    tabindex=${tabbable ? 0 : -1}
    ${cssProperties(error ? heatColours(error.sqnrDb) : {})}
  >
    ${error ? formatDbCell(error.sqnrDb) : state === 'pending' ? '…' : '–'}
    ${gain === null ? nothing : html`<span>${gain.replace(' dB', '')}</span>`}
  </div>`;
}

function heatColours(sqnrDb: Decibels) {
  const colour = sqnrColour(sqnrDb);
  return { '--colour': css(colour), '--ink': inkOn(colour) };
}
