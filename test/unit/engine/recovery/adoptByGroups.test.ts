import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adoptByGroups } from '../../../../src/engine/recovery/adoptByGroups';
import type { Decibels } from '../../../../src/core/measure/Decibels';

/** Adopts changes, each of which adds so much to the error. */
function adopted(gains: Readonly<Record<string, number>>) {
  const judged: string[][] = [];
  const judge = (taken: ReadonlySet<string>): Promise<Decibels> => {
    judged.push([...taken]);
    return Promise.resolve([...taken].reduce((db, name) => db + gains[name]!, 10));
  };
  return adoptByGroups(Object.keys(gains), { taken: new Set(), db: 10 }, judge).then((found) => ({
    taken: [...found.taken].join(''),
    db: found.db,
    judged,
  }));
}

describe('changes', () => {
  it('are taken as a whole if that helps, and given back where they hurt', async () => {
    const { taken, db } = await adopted({ a: 3, b: 1, c: -1, d: 2 });
    expect(taken).toBe('abd');
    expect(db).toBe(16);
  });

  it('are taken in part where the whole hurts', async () => {
    const { taken } = await adopted({ a: 1, b: 1, c: -9, d: 2 });
    expect(taken).toBe('abd');
  });

  it('are left alone if none helps', async () => {
    const { taken, db } = await adopted({ a: -1, b: 0, c: 0.01, d: -3 });
    expect([taken, db]).toEqual(['', 10]);
    expect((await adopted({})).taken).toBe('');
  });

  it('end no worse than they began, after few judgements', async () => {
    const gains = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(gains, async (gains) => {
        const { db, taken, judged } = await adopted(
          Object.fromEntries(gains.map((gain, i) => [`n${i}.`, gain])),
        );
        expect(db).toBeGreaterThanOrEqual(10);
        expect(judged.length).toBeLessThanOrEqual(15);
        const names = taken.split('.').filter((name) => name !== '');
        expect(names.reduce((sum, name) => sum + gains[Number(name.slice(1))]!, 10)).toBeCloseTo(
          db as number,
          9,
        );
      }),
    );
  });

  it('do not make up for a broken model, unless they mend it', async () => {
    const broken = { taken: new Set<string>(), db: 'broken' as const };
    const found = await adoptByGroups(['a'], broken, () => Promise.resolve('broken'));
    expect(found.taken.size).toBe(0);
    expect((await adoptByGroups(['a'], broken, () => Promise.resolve(3))).db).toBe(3);
  });
});
