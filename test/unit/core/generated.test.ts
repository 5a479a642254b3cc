import { describe, expect, it } from 'vitest';
import { generated } from '../../generate/generated';

describe('what is generated', async () => {
  it.each(await generated())('is fresh in $path: else run `npm run generate`', ({ text, fresh }) => {
    expect(text).toBe(fresh);
  });
});
