/**
 * A small histogram as the outline of an SVG path, a bar a bin. As SVG it takes the theme's colours from the style sheet
 * and costs no canvas in each of the grid's rows.
 */
export function sparklinePath(counts: readonly number[], width: number, height: number): string {
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const step = width / Math.max(1, counts.length);
  const bars = counts.map((count, i) => {
    if (count === 0) return '';
    // A bin that holds anything stays visible.
    const bar = Math.max(1, (count / most) * height);
    return `M${round(i * step)} ${height}v${round(-bar)}h${round(step)}v${round(bar)}z`;
  });
  return bars.join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
