export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

const WIDEST = 44;

/** Aligned text; long names lose their middle, as their ends tell them apart. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(shorten));
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
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

/** Names come from the model: control characters must not reach the terminal. */
function shorten(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');
  if (plain.length <= WIDEST) return plain;
  const half = (WIDEST - 1) >> 1;
  return `${plain.slice(0, half)}…${plain.slice(-half)}`;
}
