import { html, nothing, type TemplateResult } from 'lit';
import { formatCount, formatDb, formatShape, formatShare } from '../../src/shared/format';
import { SCHEME_IDS, SCHEME_TEXT, type QuantizingSchemeId, type SchemeId } from '../../src/shared/scheme';
import { css, inkOn, sqnrColour } from '../charts/colourScale';
import '../views/spark-line';
import type { Column } from './columns';
import type { Row } from './rows';
import { styled } from '../styled';

/** Characters of a name that always show: names differ at their ends. */
const NAME_END = 14;

interface CellOptions {
  readonly tabbable: boolean;
  readonly selected: boolean;
  choose(scheme: SchemeId | null): void;
}

/** One cell of the grid. */
export function renderCell(row: Row, column: Column, options: CellOptions): TemplateResult {
  if (column.scheme) return renderHeat(row, column.scheme, options);
  if (column.id === 'scheme') return renderScheme(row, options);
  return html`<div
    class="cell ${column.align} ${column.id}"
    role=${column.id === 'name' ? 'rowheader' : 'gridcell'}
    data-column=${column.id}
    tabindex=${options.tabbable ? 0 : -1}
  >
    ${content(row, column.id, options)}
  </div>`;
}

function content(
  { layer, analysis, share, bits, sqnrDb, scheme, fixed }: Row,
  id: string,
  { selected }: CellOptions,
) {
  switch (id) {
    case 'select':
      return html`<span
        class="check ${selected ? 'on' : ''}"
        aria-label=${selected ? 'selected' : 'not selected'}
        role="img"
      ></span>`;
    case 'name': {
      const shared = layer.nodes.length > 1;
      const where = [
        `weight ${layer.weight}`,
        layer.scope && `in ${layer.scope}`,
        shared && `used by ${layer.nodes.join(', ')}`,
      ];
      return html`<span class="text" dir="auto" title=${[layer.name, ...where].filter(Boolean).join('\n')}
          ><span class="beginning">${layer.name.slice(0, -NAME_END)}</span
          ><span>${layer.name.slice(-NAME_END)}</span></span
        >
        ${shared ? html`<span class="badge" title="One weight, used by ${layer.nodes.length} nodes">×${layer.nodes.length}</span>` : nothing}
        ${fixed ? html`<span class="badge fixed" title=${fixed}>${layer.quantized ?? 'not a number'}</span>` : nothing}`;
    }
    case 'op':
      return layer.op;
    case 'shape':
      return formatShape(layer.shape);
    case 'parameters':
      return formatCount(layer.parameters);
    case 'share':
      return formatShare(share);
    case 'histogram':
      return analysis ? html`<spark-line .counts=${analysis.sparkline}></spark-line>` : nothing;
    case 'bits':
      return bits === undefined ? '' : bits.toFixed(1);
    case 'sqnr':
      return scheme === 'float' ? '–' : sqnrDb === undefined ? '' : formatDb(sqnrDb);
    default:
      return nothing;
  }
}

function renderScheme({ scheme, chosen, fixed, layer }: Row, { tabbable, choose }: CellOptions) {
  const tabindex = tabbable ? 0 : -1;
  if (fixed !== null)
    return html`<div
      class="cell start dim"
      role="gridcell"
      data-column="scheme"
      tabindex=${tabindex}
      title=${fixed}
    >
      as it is
    </div>`;
  const change = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    choose(value === '' ? null : (value as SchemeId));
  };
  // The value is set after the options, and again whenever the recipe says so.
  return html`<div class="cell start scheme" role="gridcell">
    <select
      class=${chosen ? 'own' : 'inherited'}
      data-column="scheme"
      tabindex=${tabindex}
      aria-label="Scheme of ${layer.name}"
      title=${chosen ? 'Chosen for this layer' : 'The default scheme'}
      @change=${change}
    >
      <option value="" ?selected=${!chosen}>
        ${chosen ? 'Follow default' : `${SCHEME_TEXT[scheme].label} · default`}
      </option>
      ${SCHEME_IDS.map(
        (id) =>
          html`<option value=${id} ?selected=${chosen && id === scheme}>${SCHEME_TEXT[id].label}</option>`,
      )}
    </select>
  </div>`;
}

function renderHeat(
  { analysis, scheme: chosen, fixed, layer }: Row,
  scheme: QuantizingSchemeId,
  { tabbable }: CellOptions,
) {
  const error = analysis?.schemes[scheme];
  const isChosen = chosen === scheme;
  const label = `${scheme}, ${error ? formatDb(error.sqnrDb) : fixed ? 'not available' : 'not analysed yet'}${isChosen ? ', chosen' : ''}`;
  const colour = error && sqnrColour(error.sqnrDb);
  return html`<div
    class="cell center heat ${isChosen ? 'chosen' : ''} ${error ? '' : 'pending'}"
    role="gridcell"
    data-column=${scheme}
    data-scheme=${scheme}
    data-layer=${layer.name}
    tabindex=${tabbable ? 0 : -1}
    aria-label=${label}
    ${styled(colour ? { background: css(colour), color: inkOn(colour) } : {})}
  >
    ${error ? (error.sqnrDb === null ? '∞' : error.sqnrDb.toFixed(1)) : fixed ? '' : '·'}
  </div>`;
}
