import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import type { SchemeId } from '../../src/shared/scheme';
import { cssProperties } from '../cssProperties';
import type { EditorStore } from '../EditorStore';
import { layOut, type Column } from '../grid/columns';
import { gridStyles } from '../grid/gridStyles';
import { HEADER_ROW, move, type Cursor } from '../grid/keys';
import { renderCell } from '../grid/renderCell';
import { renderHead } from '../grid/renderHead';
import type { Row } from '../grid/rows';
import { affected, select, type SelectMode } from '../grid/selection';
import { base } from '../styles';
import type { ViewState } from '../ViewState';
import './heat-tip';
import type { HeatTip } from './heat-tip';

const ROW_HEIGHT = 28;
/** Both header rows, which lie over the first rows of the list. */
const HEAD_HEIGHT = 62;
/** Scroll bar and the row's own padding. */
const MARGIN = 20;
/** Scrolling is over when nothing came for so long. */
const SETTLED_MS = 200;

/**
 * All layers, and beside each its errors under every scheme: table and heatmap in one grid, so that a row is read and
 * chosen in one place. Only the visible rows exist; one cell at a time can be reached by Tab, the arrow keys move on
 * from it.
 */
@customElement('layer-grid')
export class LayerGrid extends LitElement {
  static override styles = [base, gridStyles];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) current: string | null = null;
  @state() private width = 0;
  @state() private cursor: Cursor = { row: 0, column: 'name' };
  @query('.scroller') private scroller!: HTMLElement;
  @query('heat-tip') private tip!: HeatTip;
  private columns: readonly Column[] = [];
  private tracks: Readonly<Record<string, string>> = {};
  private selected: ReadonlySet<string> = new Set();
  private virtualizer!: Virtualizer<HTMLElement, HTMLElement>;
  private focusPending = false;
  /** The rows in view, without the one that is kept for the keyboard alone. */
  private first = 0;
  private last = 0;
  /** How many elements the rows in view share: the most that there were at a time. */
  private pool = 1;
  private scrolled: ReturnType<typeof setTimeout> | undefined;
  private readonly size = new ResizeObserver(
    ([entry]) => (this.width = Math.round(entry!.contentRect.width)),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.virtualizerOptions());
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  protected override firstUpdated(): void {
    this.virtualizer._didMount();
    this.virtualizer._willUpdate();
    this.scroller.scrollTop = this.view.scrollTop;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('rows') || changed.has('current')) this.followCurrent();
    if (changed.has('rows')) this.virtualizer.setOptions(this.virtualizerOptions());
    if (changed.has('view')) this.selected = new Set(this.view.selected);
    const hidden = this.view.hiddenColumns;
    const before = changed.get('view') as ViewState | undefined;
    if (changed.has('width') || hidden !== before?.hiddenColumns) this.arrange(hidden);
  }

  protected override updated(changed: PropertyValues): void {
    this.virtualizer._willUpdate();
    if (changed.get('current') && this.cursor.row >= 0)
      this.virtualizer.scrollToIndex(this.cursor.row, { align: 'auto' });
    this.keepFocus();
  }

  override render() {
    const { columns, rows, cursor } = this;
    const allSelected = rows.length > 0 && rows.every(({ layer }) => this.selected.has(layer.name));
    return html`
      <div
        class="scroller"
        role="grid"
        aria-label="Layers and their weight error under each scheme"
        aria-multiselectable="true"
        aria-rowcount=${rows.length + 2}
        aria-colcount=${columns.length}
        ${cssProperties(this.tracks)}
        @keydown=${this.onKey}
        @pointerover=${this.showTip}
        @focusin=${this.onFocus}
        @pointerleave=${() => this.tip.hide()}
        @focusout=${() => this.tip.hide()}
        @scroll=${this.onScroll}
      >
        ${guard([columns, this.view.sort, cursor.row < 0 && cursor.column, allSelected], () =>
          renderHead(columns, {
            sort: this.view.sort,
            cursor,
            allSelected,
            sortBy: (column) => this.sortBy(column),
            toggleAll: () => this.toggleAll(),
          }),
        )}
        <div
          class="body"
          role="rowgroup"
          ${cssProperties({ height: `${this.virtualizer.getTotalSize()}px` })}
        >
          ${this.slots().map((item) => (item ? this.renderRow(item) : nothing))}
        </div>
        ${rows.length === 0 ? html`<div class="empty dim">No layer matches the filter.</div>` : nothing}
      </div>
      <heat-tip></heat-tip>
    `;
  }

  /** Brings the keyboard into the list, to the cell where it was last. */
  enter(): void {
    if (this.rows.length === 0) return;
    this.cursor = { ...this.cursor, row: Math.max(0, this.cursor.row) };
    this.focusPending = true;
  }

  /**
   * The rows in view, each in the slot that its index names, so that a row which scrolls out leaves its elements, in their
   * place, to one which scrolls in: creating them and moving them would both take longer than a frame. Rows are positioned,
   * and ARIA knows them by their index.
   */
  private slots(): readonly (VirtualItem | undefined)[] {
    const items = this.virtualizer.getVirtualItems().filter(({ index }) => index < this.rows.length);
    const { first, last } = this;
    const pool = (this.pool = Math.max(this.pool, last - first + 1));
    // The last slot is for the row that is kept for the keyboard.
    const slots = new Array<VirtualItem | undefined>(pool + 1).fill(undefined);
    for (const item of items)
      slots[item.index >= first && item.index <= last ? item.index % pool : pool] = item;
    return slots;
  }

  private renderRow({ index, start }: VirtualItem) {
    const row = this.rows[index]!;
    const selected = this.selected.has(row.layer.name);
    const current = row.layer.name === this.current;
    const column = this.cursor.row === index ? this.cursor.column : null;
    // A row that says what it said before is not even looked at.
    return guard([row, index, selected, current, column, this.columns], () => {
      const choose = this.choose.bind(this, row);
      return html`<div
        class="row ${selected ? 'selected' : ''} ${current ? 'current' : ''}"
        role="row"
        aria-rowindex=${index + 3}
        aria-selected=${selected}
        data-row=${index}
        ${cssProperties({ transform: `translateY(${start}px)` })}
        @click=${(event: MouseEvent) => this.onClick(event, index)}
      >
        ${this.columns.map((shown, i) =>
          renderCell(row, shown, { index: i + 1, tabbable: shown.id === column, selected, choose }),
        )}
      </div>`;
    });
  }

  private arrange(hidden: readonly string[]): void {
    const { columns, name } = layOut(this.width - MARGIN, hidden);
    const widths = columns.map(({ id, width }) => (id === 'name' ? name : width));
    const total = widths.reduce((sum, width) => sum + width, 0) + 8;
    this.columns = columns;
    this.tracks = { '--tracks': widths.map((width) => `${width}px`).join(' '), '--width': `${total}px` };
    if (!columns.some(({ id }) => id === this.cursor.column))
      this.cursor = { ...this.cursor, column: 'name' };
  }

  /** The keyboard stays with its layer, wherever sorting and filtering bring it. */
  private followCurrent(): void {
    if (this.cursor.row === HEADER_ROW) return;
    const found = this.rows.findIndex(({ layer }) => layer.name === this.current);
    const row = found >= 0 ? found : Math.min(this.cursor.row, Math.max(0, this.rows.length - 1));
    if (row !== this.cursor.row) this.cursor = { ...this.cursor, row };
  }

  private choose(row: Row, scheme: SchemeId | null): void {
    this.store.choose(affected(this.view.selected, row.layer.name), scheme);
  }

  /** The column's own order, the other way round, and back to the order of the graph. */
  private sortBy({ id, first }: Column): void {
    const { sort } = this.view;
    const descending = first === 'descending';
    if (sort?.column !== id) this.store.look({ sort: { column: id, descending } });
    else
      this.store.look({
        sort: sort.descending === descending ? { column: id, descending: !descending } : null,
      });
  }

  private toggleAll(): void {
    const all = this.rows.map(({ layer }) => layer.name);
    this.store.look({ selected: all.every((name) => this.selected.has(name)) ? [] : all });
  }

  private onClick(event: MouseEvent, index: number): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
    const column = cell?.dataset['column'] ?? 'name';
    const row = this.rows[index]!;
    this.cursor = { row: index, column };
    const toggles = event.metaKey || event.ctrlKey || column === 'select';
    const mode = event.shiftKey ? 'range' : toggles ? 'toggle' : 'only';
    const heat = this.columns.find(({ id }) => id === column)?.scheme;
    // A choice leaves a selection that it is made for as it is.
    const keeps = mode === 'only' && (heat || column === 'scheme') && this.selected.has(row.layer.name);
    if (keeps) this.store.look({ current: row.layer.name });
    else this.select(index, mode);
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
    const columns = this.columns.map(({ id }) => id);
    const page = Math.max(1, Math.floor((this.scroller.clientHeight - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
    const next = move(event, this.cursor, columns, this.rows.length, page);
    if (!next) return this.act(event);
    event.preventDefault();
    const moved = next.row !== this.cursor.row;
    this.cursor = next;
    this.focusPending = true;
    if (!moved || next.row === HEADER_ROW) return;
    this.virtualizer.scrollToIndex(next.row, { align: 'auto' });
    if (event.shiftKey) this.select(next.row, 'range');
    else this.store.look({ current: this.rows[next.row]!.layer.name });
  }

  /** Enter and Space on a cell, and what concerns all rows. */
  private act(event: KeyboardEvent): void {
    const { row: index, column } = this.cursor;
    const row = this.rows[index];
    const press = event.key === 'Enter' || event.key === ' ';
    if (event.key === 'a' && (event.ctrlKey || event.metaKey))
      this.store.look({ selected: this.rows.map(({ layer }) => layer.name) });
    else if (event.key === 'Escape') this.store.look({ selected: [] });
    else if (press && index === HEADER_ROW) {
      // A title is a button of its own.
      if (column !== 'select') return;
      this.toggleAll();
    } else if (press && row) this.press(event.key, index, row, column);
    else return;
    event.preventDefault();
  }

  private press(key: string, index: number, row: Row, column: string): void {
    const scheme = this.columns.find(({ id }) => id === column)?.scheme;
    if (scheme && row.fixed === null) this.choose(row, scheme);
    else if (column === 'scheme' && row.fixed === null)
      this.cellAt(index, column)?.closest('.cell')?.querySelector('select')?.showPicker();
    else this.select(index, key === ' ' || column === 'select' ? 'toggle' : 'only');
  }

  private cellAt(row: number, column: string): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-row="${row}"] [data-column="${column}"]`);
  }

  private focusCursor(): void {
    const cell = this.cellAt(this.cursor.row, this.cursor.column);
    // A row that is still being scrolled to is focused when it is there.
    if (!cell) return;
    this.focusPending = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** The focus follows the cursor; and it goes with its row, whichever element shows that row now. */
  private keepFocus(): void {
    if (this.focusPending) return this.focusCursor();
    const focused = this.shadowRoot!.activeElement?.closest<HTMLElement>('[data-row]');
    if (focused && focused.dataset['row'] !== String(this.cursor.row))
      this.cellAt(this.cursor.row, this.cursor.column)?.focus({ preventScroll: true });
  }

  private onFocus(event: Event): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
    const row = Number(cell?.closest<HTMLElement>('[data-row]')?.dataset['row'] ?? NaN);
    const column = cell?.dataset['column'];
    if (column && (row !== this.cursor.row || column !== this.cursor.column)) this.cursor = { row, column };
    this.showTip(event);
  }

  private onScroll(): void {
    this.tip.hide();
    clearTimeout(this.scrolled);
    this.scrolled = setTimeout(() => this.store.remember({ scrollTop: this.scroller.scrollTop }), SETTLED_MS);
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
      overscan: 8,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.requestUpdate(),
      scrollPaddingEnd: HEAD_HEIGHT,
      // The row with the keyboard stays in the page, else the grid could not be left and entered by Tab.
      rangeExtractor: (range: Range) => {
        const indexes = defaultRangeExtractor(range);
        this.first = indexes[0] ?? 0;
        this.last = indexes.at(-1) ?? 0;
        const { row } = this.cursor;
        const missing = row >= 0 && row < range.count && !indexes.includes(row);
        return missing ? [...indexes, row].sort((a, b) => a - b) : indexes;
      },
    };
  }
}
