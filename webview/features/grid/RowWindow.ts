import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualItem,
} from '@tanstack/virtual-core';
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export const ROW_HEIGHT = 28;
/** Both header rows, which lie over the first rows of the list. */
export const HEAD_HEIGHT = 72;

interface Host extends ReactiveControllerHost {
  readonly rows: readonly unknown[];
  /** Null until it is rendered. */
  readonly scroller: HTMLElement | null;
  /** The row with the keyboard; below zero if that is in none. */
  readonly keptRow: number;
}

/** The rows that exist: those in view, and the one with the keyboard. */
export class RowWindow implements ReactiveController {
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  /** The rows in view, without the one that is kept for the keyboard alone. */
  private first = 0;
  private last = 0;
  /** How many elements the rows in view share: the most that there were at a time. */
  private pool = 1;
  private mounted = false;

  constructor(private readonly host: Host) {
    host.addController(this);
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.options());
  }

  hostUpdate(): void {
    if (this.virtualizer.options.count !== this.host.rows.length) this.virtualizer.setOptions(this.options());
  }

  hostUpdated(): void {
    if (!this.mounted) this.virtualizer._didMount();
    this.mounted = true;
    this.virtualizer._willUpdate();
  }

  get height(): number {
    return this.virtualizer.getTotalSize();
  }

  scrollTo(row: number): void {
    this.virtualizer.scrollToIndex(row, { align: 'auto' });
  }

  /**
   * The rows in view, each in the slot that its index names, so that a row which scrolls out leaves its elements, in their
   * place, to one which scrolls in: creating them and moving them would both take longer than a frame. Rows are positioned,
   * and ARIA knows them by their index.
   */
  slots(): readonly (VirtualItem | undefined)[] {
    const { length } = this.host.rows;
    const items = this.virtualizer.getVirtualItems().filter(({ index }) => index < length);
    const { first, last } = this;
    const pool = (this.pool = Math.max(this.pool, last - first + 1));
    // The last slot is for the row that is kept for the keyboard.
    const slots = new Array<VirtualItem | undefined>(pool + 1).fill(undefined);
    for (const item of items)
      slots[item.index >= first && item.index <= last ? item.index % pool : pool] = item;
    return slots;
  }

  private options() {
    return {
      count: this.host.rows?.length ?? 0,
      getScrollElement: () => this.host.scroller ?? null,
      estimateSize: () => ROW_HEIGHT,
      overscan: 8,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.host.requestUpdate(),
      scrollPaddingEnd: HEAD_HEIGHT,
      // The row with the keyboard stays in the page, else the grid could not be left and entered by Tab.
      rangeExtractor: (range: Range) => {
        const indexes = defaultRangeExtractor(range);
        this.first = indexes[0] ?? 0;
        this.last = indexes.at(-1) ?? 0;
        const row = this.host.keptRow;
        const missing = row >= 0 && row < range.count && !indexes.includes(row);
        return missing ? [...indexes, row].sort((a, b) => a - b) : indexes;
      },
    };
  }
}
