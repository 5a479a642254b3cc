/** Lines of text with aligned columns: the first to the left, numbers to the right. */
export class Table {
  private readonly rows: string[][] = [];

  constructor(...head: string[]) {
    this.rows.push(head);
  }

  add(...cells: string[]): void {
    this.rows.push(cells);
  }

  toString(): string {
    const widths = this.rows[0]!.map((_, column) => Math.max(...this.rows.map((row) => row[column]!.length)));
    const align = (cell: string, column: number) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
    return this.rows.map((row) => row.map(align).join('  ')).join('\n');
  }
}
