import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../../components/cssProperties';
import { gradient, SQNR_RANGE, VIRIDIS } from '../../charts/colourScale';
import type { Column } from './columns';
import { HEADER_ROW, type Cursor } from './keys';
import { renderCheck } from './renderCheck';
import type { Sort } from './rows';

interface HeadOptions {
  readonly sort: Sort | null;
  readonly cursor: Cursor;
  readonly allSelected: boolean;
  /** The errors that the heatmap shows, in short and in full. */
  readonly heading: { readonly title: string; readonly hint: string };
  sortBy(column: Column): void;
  remove(column: Column): void;
  toggleAll(): void;
}

const LEGEND = { 'background-image': gradient(VIRIDIS) };

/** Two header rows: what the heatmap's columns have in common with the legend of their colours, and every column's title. */
export function renderHead(columns: readonly Column[], options: HeadOptions): TemplateResult {
  const heat = columns.filter(({ heat: shown }) => shown).length;
  const rest = columns.length - heat;
  return html`<div class="head" role="rowgroup">
    <div class="row groups" role="row" aria-rowindex="1">
      <div
        role="columnheader"
        aria-colindex="1"
        aria-colspan=${rest}
        ${cssProperties({ 'grid-column': `1 / ${rest + 1}` })}
      >
        <span class="visually-hidden">Layers</span>
      </div>
      <div
        class="group"
        role="columnheader"
        aria-colindex=${rest + 1}
        aria-colspan=${heat}
        title=${options.heading.hint}
        ${cssProperties({ 'grid-column': `${rest + 1} / -1` })}
      >
        ${
          heat === 0
            ? nothing
            : html`<div class="heading">
                <span class="heading-text">${options.heading.title}</span>
                <div class="legend number">
                  <span>${SQNR_RANGE.lowest}</span>
                  <div class="scale" aria-hidden="true" ${cssProperties(LEGEND)}></div>
                  <span>${SQNR_RANGE.highest}</span>
                </div>
              </div>`
        }
      </div>
    </div>
    <div class="row titles" role="row" aria-rowindex="2" data-row=${HEADER_ROW}>
      ${columns.map((column, i) => renderTitle(column, i + 1, options))}
    </div>
  </div>`;
}

function renderTitle(column: Column, index: number, options: HeadOptions) {
  const { id, title, subtitle, description, align, first, scheme, heat } = column;
  const { sort, cursor, sortBy, remove } = options;
  const tabindex = cursor.row === HEADER_ROW && cursor.column === id ? 0 : -1;
  if (id === 'select')
    return html`<div
      class="cell ${align} ${id}"
      role="columnheader"
      aria-colindex=${index}
      data-column=${id}
      tabindex=${tabindex}
      aria-label="Select all shown layers"
      title="Select all shown layers"
      @click=${options.toggleAll}
    >
      ${renderCheck(options.allSelected)}
    </div>`;
  if (!first)
    return html`<div
      class="cell ${align} ${id}"
      role="columnheader"
      aria-colindex=${index}
      data-column=${id}
      tabindex=${tabindex}
      title=${description}
    >
      ${title}
    </div>`;
  const sorted = sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : 'none';
  return html`<div
    class="cell ${align} ${heat ? 'scheme-title' : id}"
    role="columnheader"
    aria-colindex=${index}
    aria-sort=${sorted}
    aria-label=${heat ?? nothing}
  >
    <button
      class="sort ${sorted === 'none' ? '' : 'sorted'}"
      data-column=${id}
      tabindex=${tabindex}
      title=${scheme ? `${description} Click to sort, Delete to remove` : `${description}. Click to sort`}
      @click=${() => sortBy(column)}
    >
      ${title}${sorted === 'none' ? nothing : html`<span aria-hidden="true">${sorted === 'ascending' ? ' ↑' : ' ↓'}</span>`}
      ${subtitle ? html`<span class="subtitle">${subtitle}</span>` : nothing}
    </button>
    ${
      scheme
        ? html`<button
            class="remove"
            tabindex="-1"
            title="Remove the column ${scheme}"
            aria-label="Remove the column ${scheme}"
            @click=${() => remove(column)}
          >
            ×
          </button>`
        : nothing
    }
  </div>`;
}
