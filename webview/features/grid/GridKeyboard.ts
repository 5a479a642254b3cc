import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Column } from './columns';
import { HEADER_ROW, move, type Cursor } from './keys';
import type { Row } from './rows';
import type { SelectMode } from './selection';

interface Host extends ReactiveControllerHost {
  readonly renderRoot: HTMLElement | DocumentFragment;
  readonly shadowRoot: ShadowRoot | null;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly current: string | null;
  /** Rows that fit. */
  readonly page: number;
  scrollToRow(index: number): void;
  select(index: number, mode: SelectMode): void;
  selectAll(): void;
  selectNone(): void;
  toggleAll(): void;
  show(row: Row): void;
  chooseAt(row: Row, column: Column): void;
  removeColumn(column: Column): void;
}

/** Where the keyboard is in the grid: one cell at a time can be reached by Tab, the arrow keys move on from it. */
export class GridKeyboard implements ReactiveController {
  cursor: Cursor = { row: 0, column: 'name' };
  private pending = false;

  constructor(private readonly host: Host) {
    host.addController(this);
  }

  /** The focus follows the cursor; and it goes with its row, whichever element shows that row now. */
  hostUpdated(): void {
    if (this.pending) return this.focus();
    const focused = this.host.shadowRoot!.activeElement?.closest<HTMLElement>('[data-row]');
    if (focused && focused.dataset['row'] !== String(this.cursor.row))
      this.cellAt(this.cursor)?.focus({ preventScroll: true });
  }

  /** Brings the keyboard into the list, to the cell where it was last. */
  enter(): void {
    if (this.host.rows.length === 0) return;
    this.moveTo({ ...this.cursor, row: Math.max(0, this.cursor.row) });
    this.pending = true;
  }

  moveTo(cursor: Cursor): void {
    if (cursor.row === this.cursor.row && cursor.column === this.cursor.column) return;
    this.cursor = cursor;
    this.host.requestUpdate();
  }

  /** The keyboard stays with its layer, wherever sorting and filtering bring it. */
  follow(): void {
    if (this.cursor.row === HEADER_ROW) return;
    const { rows, current } = this.host;
    const found = rows.findIndex(({ layer }) => layer.name === current);
    const row = found >= 0 ? found : Math.min(this.cursor.row, Math.max(0, rows.length - 1));
    this.cursor = { ...this.cursor, row };
  }

  /** A column that is no longer shown is no place for the keyboard: its neighbour is. */
  keepInside(before: readonly Column[]): void {
    const { columns } = this.host;
    if (columns.some(({ id }) => id === this.cursor.column)) return;
    const at = before.findIndex(({ id }) => id === this.cursor.column);
    const neighbour = columns[Math.min(at, columns.length - 1)];
    this.pending ||= at >= 0 && this.host.shadowRoot?.activeElement != null;
    this.cursor = { ...this.cursor, column: neighbour?.id ?? 'name' };
  }

  onKey(event: KeyboardEvent): void {
    const { host } = this;
    const columns = host.columns.map(({ id }) => id);
    const next = move(event, this.cursor, columns, host.rows.length, host.page);
    if (!next) return this.act(event);
    event.preventDefault();
    const moved = next.row !== this.cursor.row;
    this.cursor = next;
    this.pending = true;
    host.requestUpdate();
    if (!moved || next.row === HEADER_ROW) return;
    host.scrollToRow(next.row);
    if (event.shiftKey) host.select(next.row, 'range');
    else host.show(host.rows[next.row]!);
  }

  onFocus(event: Event): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
    const row = Number(cell?.closest<HTMLElement>('[data-row]')?.dataset['row'] ?? NaN);
    const column = cell?.dataset['column'];
    if (column) this.moveTo({ row, column });
  }

  /** Enter and Space on a cell, and what concerns all rows. */
  private act(event: KeyboardEvent): void {
    const { host } = this;
    const { row: index, column: id } = this.cursor;
    const row = host.rows[index];
    const column = host.columns.find((each) => each.id === id);
    const press = event.key === 'Enter' || event.key === ' ';
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) host.selectAll();
    else if (event.key === 'Escape') host.selectNone();
    else if (event.key === 'Delete' && index === HEADER_ROW && column?.scheme) host.removeColumn(column);
    else if (press && index === HEADER_ROW) {
      // A title is a button of its own.
      if (id !== 'select') return;
      host.toggleAll();
    } else if (press && row && column) this.press(event.key, index, row, column);
    else return;
    event.preventDefault();
  }

  private press(key: string, index: number, row: Row, column: Column): void {
    if (column.scheme && row.fixed === null) this.host.chooseAt(row, column);
    else if (column.id === 'scheme' && row.fixed === null)
      (this.cellAt(this.cursor) as HTMLElementTagNameMap['scheme-select'] | null)?.open();
    else this.host.select(index, key === ' ' || column.id === 'select' ? 'toggle' : 'only');
  }

  private focus(): void {
    const cell = this.cellAt(this.cursor);
    // A row that is still being scrolled to is focused when it is there.
    if (!cell) return;
    this.pending = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  private cellAt({ row, column }: Cursor): HTMLElement | null {
    return this.host.renderRoot.querySelector(`[data-row="${row}"] [data-column="${column}"]`);
  }
}
