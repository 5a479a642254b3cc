/**
 * What the whole family of schemes costs: all of them over all layers of the recogniser, codebooks of vectors apart; the search for the best range against a
 * single pass; and what follows a dragged mark. Run it in the repository's root, after a build.
 */
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/EngineProcess';
import { ALL_SCHEMES, isSlow, type SchemeId } from '../../src/shared/scheme';
import { REC } from './realModels';
import { Table } from './Table';

const ROUNDS = 3;

async function analyse(engine: EngineProcess, schemes: readonly SchemeId[]): Promise<number> {
  const start = performance.now();
  await engine.call('analyse', { path: REC, schemes });
  return performance.now() - start;
}

async function median(run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await run());
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Prints two tables. */
export async function benchSchemes(): Promise<void> {
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  try {
    await engine.call('inspect', { path: REC });
    await analyse(engine, ['int8']);
    const quick = ALL_SCHEMES.filter((id) => !isSlow(id));
    const table = new Table('weight error of all layers of rec', 'schemes', 'time');
    table.add(
      'all but codebooks of vectors',
      String(quick.length),
      seconds(await median(() => analyse(engine, quick))),
    );
    table.add('LBG: vq2x256', '1', seconds(await analyse(engine, ['vq2x256'])));
    for (const scheme of quick)
      table.add(scheme, '1', seconds(await median(() => analyse(engine, [scheme]))));
    console.log(`${table.toString()}\n`);
  } finally {
    await engine.dispose();
  }
}
