import { expect, it } from 'vitest';
import { formatTable } from '../../../src/cli/table';

it('a table of more rows than a call takes arguments is written', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`${i}`]);
  const lines = formatTable([{ title: 'n', align: 'right' }], rows).split('\n');
  expect(lines.length).toBe(rows.length + 3);
  expect(lines.slice(0, 3)).toEqual(['     n', '──────', '     0']);
});
