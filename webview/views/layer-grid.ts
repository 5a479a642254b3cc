import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SchemeId } from '../../src/shared/scheme';
import type { EditorStore } from '../EditorStore';
import { columnsFor, type Column } from '../grid/columns';
import { renderCell } from '../grid/renderCell';
import { move } from '../grid/keys';
import type { Row } from '../grid/rows';
import { affected, select, type SelectMode } from '../grid/selection';
import { gridStyles } from '../grid/gridStyles';
import { base } from '../styles';
import type { ViewState } from '../ViewState';
import './heat-tip';
import type { HeatTip } from './heat-tip';
import { styled } from '../styled';

const ROW_HEIGHT = 28;

/**
 * All layers, and beside each its errors under every scheme: table and heatmap in one grid, so that a row is read and chosen in one
 * place. Only the visible rows exist; one cell at a time can be reached by Tab, the arrow keys move on from it.
 */
@customElement('layer-grid')
export class LayerGrid extends LitElement {
  static override styles = [base, gridStyles];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) current: string | null = null;
  @state() private width = 1200;
  /** Where the keyboard is: index in `rows`, id of the column. */
  @state() private cursor = { row: 0, column: 'name' };
  @query('.scroller') private scroller!: HTMLElement;
  @query('heat-tip') private tip!: HeatTip;
  private virtualizer!: Virtualizer<HTMLElement, HTMLElement>;
  private focusPending = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.virtualizerOptions());
    new ResizeObserver(([entry]) => (this.width = entry!.contentRect.width)).observe(this);
  }

  protected override firstUpdated(): void {
    this.virtualizer._didMount();
    this.virtualizer._willUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('rows')) this.virtualizer.setOptions(this.virtualizerOptions());
    if (changed.has('current') && this.current !== null) {
      const row = this.rows.findIndex(({ layer }) => layer.name === this.current);
      if (row >= 0 && row !== this.cursor.row) this.cursor = { ...this.cursor, row };
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.virtualizer._willUpdate();
    if (changed.has('current')) this.virtualizer.scrollToIndex(this.cursor.row, { align: 'auto' });
    if (this.focusPending) this.focusCursor();
  }

  override render() {
    const columns = columnsFor(this.width);
    const tracks = { '--tracks': columns.map(({ track }) => track).join(' ') };
    return html`
      <div
        class="scroller"
        role="grid"
        aria-label="Layers and their weight error under each scheme"
        aria-multiselectable="true"
        aria-rowcount=${this.rows.length + 1}
        aria-colcount=${columns.length}
        ${styled(tracks)}
        @keydown=${this.onKey}
        @pointerover=${this.showTip}
        @focusin=${this.showTip}
        @pointerleave=${() => this.tip.hide()}
        @focusout=${() => this.tip.hide()}
        @scroll=${() => this.tip.hide()}
      >
        <div class="row head" role="row" aria-rowindex="1">
          ${columns.map((column) => this.renderHead(column))}
        </div>
        <div class="body" role="rowgroup" ${styled({ height: `${this.virtualizer.getTotalSize()}px` })}>
          ${this.virtualizer.getVirtualItems().map((item) => this.renderRow(item, columns))}
        </div>
        ${this.rows.length === 0 ? html`<div class="empty dim">No layer matches the filter.</div>` : nothing}
      </div>
      <heat-tip></heat-tip>
    `;
  }

  private renderHead({ id, title, sortable, align }: Column) {
    const { sort } = this.view;
    const sorted = sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : 'none';
    if (!sortable)
      return html`<div class="cell ${align}" role="columnheader">
        ${title || html`<span class="visually-hidden">Selected</span>`}
      </div>`;
    return html`<div class="cell ${align}" role="columnheader" aria-sort=${sorted}>
      <button class="sort" title="Sort by ${title}" @click=${() => this.sortBy(id)}>
        ${title}${sorted === 'none' ? nothing : html`<span aria-hidden="true">${sorted === 'ascending' ? '▴' : '▾'}</span>`}
      </button>
    </div>`;
  }

  private renderRow({ index, start }: VirtualItem, columns: readonly Column[]) {
    const row = this.rows[index];
    if (!row) return nothing;
    const selected = this.view.selected.includes(row.layer.name);
    const current = row.layer.name === this.current;
    return html`<div
      class="row ${selected ? 'selected' : ''} ${current ? 'current' : ''}"
      role="row"
      aria-rowindex=${index + 2}
      aria-selected=${selected}
      data-row=${index}
      ${styled({ transform: `translateY(${start}px)` })}
      @click=${(event: MouseEvent) => this.onClick(event, index)}
    >
      ${columns.map((column) =>
        renderCell(row, column, {
          tabbable: this.cursor.row === index && this.cursor.column === column.id,
          selected,
          choose: (scheme) => this.choose(row, scheme),
        }),
      )}
    </div>`;
  }

  private choose(row: Row, scheme: SchemeId | null): void {
    this.store.choose(affected(this.view.selected, row.layer.name), scheme);
  }

  private sortBy(column: string): void {
    const { sort } = this.view;
    // Ascending, descending, and back to the order of the graph.
    const next =
      sort?.column !== column
        ? { column, descending: false }
        : sort.descending
          ? null
          : { column, descending: true };
    this.store.look({ sort: next });
  }

  private onClick(event: MouseEvent, index: number): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
    const column = cell?.dataset['column'] ?? 'name';
    const row = this.rows[index]!;
    this.cursor = { row: index, column };
    const mode = event.shiftKey
      ? 'range'
      : event.metaKey || event.ctrlKey || column === 'select'
        ? 'toggle'
        : 'only';
    const heat = columnsFor(this.width).find(({ id }) => id === column)?.scheme;
    // A choice leaves a selection that it is made for as it is.
    const keeps =
      mode === 'only' && (heat || column === 'scheme') && this.view.selected.includes(row.layer.name);
    if (!keeps) this.select(index, mode);
    else this.store.look({ current: row.layer.name });
    if (heat && mode === 'only' && row.fixed === null) this.choose(row, heat);
    cell?.focus();
  }

  private select(index: number, mode: SelectMode): void {
    const names = this.rows.map(({ layer }) => layer.name);
    const target = names[index];
    if (target === undefined) return;
    const selected = select(names, this.view.selected, this.current, target, mode);
    // A range keeps the row that it starts from.
    this.store.look({ selected, current: mode === 'range' && this.current ? this.current : target });
  }

  private onKey(event: KeyboardEvent): void {
    if (!(event.target as Element).matches('[data-column], [data-column] *')) return;
    const columns = columnsFor(this.width).map(({ id }) => id);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW_HEIGHT) - 2);
    const next = move(event, this.cursor, columns, this.rows.length, page);
    if (next) {
      event.preventDefault();
      this.cursor = next;
      this.focusPending = true;
      this.virtualizer.scrollToIndex(next.row, { align: 'auto' });
      if (event.shiftKey && next.row !== this.rows.findIndex(({ layer }) => layer.name === this.current))
        this.select(next.row, 'range');
      else if (this.rows[next.row]) this.store.look({ current: this.rows[next.row]!.layer.name });
      return;
    }
    this.act(event);
  }

  /** Enter and Space on a cell, and what concerns all rows. */
  private act(event: KeyboardEvent): void {
    const row = this.rows[this.cursor.row];
    const scheme = columnsFor(this.width).find(({ id }) => id === this.cursor.column)?.scheme;
    const press = event.key === 'Enter' || event.key === ' ';
    if (event.key === 'a' && (event.ctrlKey || event.metaKey))
      this.store.look({ selected: this.rows.map(({ layer }) => layer.name) });
    else if (event.key === 'Escape') this.store.look({ selected: [] });
    else if (press && row && scheme) {
      if (row.fixed === null) this.choose(row, scheme);
    } else if (press && this.cursor.column === 'scheme')
      this.shadowRoot!.querySelector<HTMLSelectElement>(
        `[data-row="${this.cursor.row}"] select`,
      )?.showPicker();
    else if (press) this.select(this.cursor.row, event.key === ' ' ? 'toggle' : 'only');
    else return;
    event.preventDefault();
  }

  private focusCursor(): void {
    const { row, column } = this.cursor;
    const cell = this.shadowRoot!.querySelector<HTMLElement>(`[data-row="${row}"] [data-column="${column}"]`);
    // A row that is still being scrolled to is focused when it is there.
    if (!cell) return;
    this.focusPending = false;
    cell.focus({ preventScroll: true });
  }

  private showTip(event: Event): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-scheme]');
    const row = cell && this.rows[Number(cell.closest<HTMLElement>('[data-row]')!.dataset['row'])];
    if (row) this.tip.show(cell, row, cell.dataset['scheme']!);
    else this.tip.hide();
  }

  private virtualizerOptions() {
    return {
      count: this.rows.length,
      getScrollElement: () => this.scroller ?? null,
      estimateSize: () => ROW_HEIGHT,
      overscan: 12,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.requestUpdate(),
      // The header lies over the first row.
      scrollPaddingStart: ROW_HEIGHT,
    };
  }
}
