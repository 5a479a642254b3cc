import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import type { VirtualItem } from '@tanstack/virtual-core';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import type { MeasuringState } from '../../../src/core/measure/MeasureRequest';
import { cssProperties } from '../../components/cssProperties';
import type { EditorStore } from '../../app/EditorStore';
import { layOut, type Column } from './columns';
import { GridKeyboard } from './GridKeyboard';
import { cellStyles } from './cellStyles';
import { gridStyles } from './gridStyles';
import { headStyles } from './headStyles';
import { renderCell } from './renderCell';
import { heatHeading } from './heatHeading';
import { renderHead } from './renderHead';
import { nextSort, type Row } from './rows';
import { HEAD_HEIGHT, ROW_HEIGHT, RowWindow } from './RowWindow';
import { affected, select, type SelectMode } from './selection';
import { base } from '../../app/styles';
import type { ViewState } from '../../app/ViewState';
import './heat-tip';
import type { HeatTip } from './heat-tip';

/** Scroll bar and the row's own padding. */
const MARGIN = 20;
/** Scrolling is over when nothing came for so long. */
const SETTLED_MS = 200;

/**
 * All layers, and beside each its errors under every scheme: table and heatmap in one grid, so that a row is read and
 * chosen in one place.
 */
@customElement('layer-grid')
export class LayerGrid extends LitElement {
  static override styles = [base, gridStyles, headStyles, cellStyles];

  @property({ attribute: false }) store!: EditorStore;
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) current: string | null = null;
  /** The inputs that errors were measured on, for the heading. */
  @property({ attribute: false }) measuring!: MeasuringState;
  /** Whether the recipe quantizes activations. */
  @property({ type: Boolean }) activations = false;
  /** Schemes on no list that the recipe chooses. */
  @property({ attribute: false }) used: readonly SchemeId[] = [];
  @state() private width = 0;
  @query('.scroller') readonly scroller!: HTMLElement;
  @query('heat-tip') private tip!: HeatTip;
  columns: readonly Column[] = [];
  private tracks: Readonly<Record<string, string>> = {};
  private selected: ReadonlySet<string> = new Set();
  private scrolled: ReturnType<typeof setTimeout> | undefined;
  private readonly keyboard = new GridKeyboard(this);
  private readonly window = new RowWindow(this);
  private readonly size = new ResizeObserver(
    ([entry]) => (this.width = Math.round(entry!.contentRect.width)),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
  }

  protected override firstUpdated(): void {
    this.scroller.scrollTop = this.view.scrollTop;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('rows') || changed.has('current')) this.keyboard.follow();
    if (changed.has('view')) this.selected = new Set(this.view.selected);
    const { hiddenColumns, schemes, level, others } = this.view;
    const before = changed.get('view') as ViewState | undefined;
    const same =
      hiddenColumns === before?.hiddenColumns &&
      schemes === before.schemes &&
      level === before.level &&
      others === before.others;
    if (changed.has('width') || changed.has('activations') || (changed.has('view') && !same)) this.arrange();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.get('current') && this.keptRow >= 0) this.window.scrollTo(this.keptRow);
  }

  override render() {
    const { columns, rows } = this;
    const { cursor } = this.keyboard;
    const heading = heatHeading(this.view.level, this.view.repaired, this.measuring);
    const allSelected = rows.length > 0 && rows.every(({ layer }) => this.selected.has(layer.name));
    return html`
      <div
        class="scroller"
        role="grid"
        aria-label="Layers and their errors under each scheme"
        aria-multiselectable="true"
        aria-rowcount=${rows.length + 2}
        aria-colcount=${columns.length}
        ${cssProperties(this.tracks)}
        @keydown=${(event: KeyboardEvent) => this.keyboard.onKey(event)}
        @pointerover=${this.showTip}
        @focusin=${this.onFocus}
        @pointerleave=${() => this.tip.hide()}
        @focusout=${() => this.tip.hide()}
        @scroll=${this.onScroll}
      >
        ${guard([columns, this.view.sort, cursor.row < 0 && cursor.column, allSelected, heading.title], () =>
          renderHead(columns, {
            sort: this.view.sort,
            cursor,
            allSelected,
            heading,
            sortBy: (column) => this.store.look({ sort: nextSort(this.view.sort, column) }),
            remove: (column) => this.removeColumn(column),
            toggleAll: () => this.toggleAll(),
          }),
        )}
        <div class="body" role="rowgroup" ${cssProperties({ height: `${this.window.height}px` })}>
          ${this.window.slots().map((item) => (item ? this.renderRow(item) : nothing))}
        </div>
        ${rows.length === 0 ? html`<div class="empty dim">No layer matches the filter.</div>` : nothing}
      </div>
      <heat-tip .inputs=${this.measuring.inputs}></heat-tip>
    `;
  }

  /** Brings the keyboard into the list, to the cell where it was last. */
  enter(): void {
    this.keyboard.enter();
  }

  get keptRow(): number {
    return this.keyboard.cursor.row;
  }

  get page(): number {
    return Math.max(1, Math.floor((this.scroller.clientHeight - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
  }

  scrollToRow(index: number): void {
    this.window.scrollTo(index);
  }

  show(row: Row): void {
    this.store.look({ current: row.layer.name });
  }

  select(index: number, mode: SelectMode): void {
    const names = this.rows.map(({ layer }) => layer.name);
    const target = names[index];
    if (target === undefined) return;
    const selected = select(names, this.view.selected, this.current, target, mode);
    // A range keeps the row that it starts from.
    this.store.look({ selected, current: mode === 'range' && this.current ? this.current : target });
  }

  selectAll(): void {
    this.store.look({ selected: this.rows.map(({ layer }) => layer.name) });
  }

  selectNone(): void {
    this.store.look({ selected: [] });
  }

  toggleAll(): void {
    if (this.rows.every(({ layer }) => this.selected.has(layer.name))) this.selectNone();
    else this.selectAll();
  }

  chooseAt(row: Row, { scheme }: Column): void {
    if (scheme) this.choose(row, scheme);
  }

  removeColumn({ scheme }: Column): void {
    this.store.look({ schemes: this.view.schemes.filter((id) => id !== scheme) });
  }

  private renderRow({ index, start }: VirtualItem) {
    const row = this.rows[index]!;
    const selected = this.selected.has(row.layer.name);
    const current = row.layer.name === this.current;
    const { cursor } = this.keyboard;
    const column = cursor.row === index ? cursor.column : null;
    const { used } = this;
    // A row that says what it said before is not even looked at.
    return guard([row, index, selected, current, column, this.columns, used], () => {
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
          renderCell(row, shown, { index: i + 1, tabbable: shown.id === column, selected, used, choose }),
        )}
      </div>`;
    });
  }

  private arrange(): void {
    const before = this.columns;
    const { hiddenColumns, schemes, level, others } = this.view;
    const { columns, name } = layOut(this.width - MARGIN, hiddenColumns, schemes, {
      activations: level === 'model' && this.activations,
      others: level === 'model' && others,
    });
    const widths = columns.map(({ id, width }) => (id === 'name' ? name : width));
    const total = widths.reduce((sum, width) => sum + width, 0) + 8;
    this.columns = columns;
    this.tracks = { '--tracks': widths.map((width) => `${width}px`).join(' '), '--width': `${total}px` };
    this.keyboard.keepInside(before);
  }

  private choose(row: Row, scheme: SchemeId | null): void {
    this.store.choose(affected(this.view.selected, row.layer.name), scheme);
  }

  private onClick(event: MouseEvent, index: number): void {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
    const column = cell?.dataset['column'] ?? 'name';
    const row = this.rows[index]!;
    this.keyboard.moveTo({ row: index, column });
    const toggles = event.metaKey || event.ctrlKey || column === 'select';
    const mode = event.shiftKey ? 'range' : toggles ? 'toggle' : 'only';
    const heat = this.columns.find(({ id }) => id === column)?.scheme;
    // A choice leaves a selection that it is made for as it is.
    const keeps = mode === 'only' && (heat || column === 'scheme') && this.selected.has(row.layer.name);
    if (keeps) this.show(row);
    else this.select(index, mode);
    if (heat && mode === 'only' && row.fixed === null) this.choose(row, heat);
    cell?.focus();
  }

  private onFocus(event: Event): void {
    this.keyboard.onFocus(event);
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
}
