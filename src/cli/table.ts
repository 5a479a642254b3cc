import { printable } from '../base/quoted';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Of a cell, in characters. */
const MAX_WIDTH = 44;

/** Aligned text; long names lose their middle, as their ends tell them apart. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((cell) => printable(cell, MAX_WIDTH)),
  );
  const widths = columns.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]!.length), 0),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        columns[column]!.align === 'right' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}
