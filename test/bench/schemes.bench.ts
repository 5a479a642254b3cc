/**
 * Cost of the whole family of schemes: all of them over all layers of the recogniser, codebooks of vectors apart; the search for the best range against a
 * single pass; and what follows a dragged mark. Run it in the repository's root, after a build.
 */
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/EngineProcess';
import { canonicalScheme, isSlow, type SchemeId } from '../../src/core/scheme/scheme';
import { ALL_SCHEMES } from '../../src/core/scheme/schemeLists';
import { REC } from './realModels';
import { Table } from './Table';

const ROUNDS = 3;

async function analyse(engine: EngineProcess, schemes: readonly SchemeId[]): Promise<number> {
  const { layers } = await engine.call('inspect', { path: REC });
  const names = layers.map(({ name }) => name);
  const start = performance.now();
  await engine.call('measure', { path: REC, level: 'weights', layers: names, schemes });
  return performance.now() - start;
}

async function median(run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await run());
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** A layer's own thread answers, as while a mark is dragged: histogram, levels, error map, error. */
async function drag(engine: EngineProcess): Promise<Table> {
  const { layers } = await engine.call('inspect', { path: REC });
  const { name, parameters } = layers.reduce((a, b) => (b.parameters > a.parameters ? b : a));
  const table = new Table(
    `following a dragged mark, ${parameters.toLocaleString('en')} weights`,
    'median',
    'slowest',
  );
  for (const scheme of ['int8/tensor', 'int4', 'int4/block32', 'log4', 'nf4/block32', 'fp8e4m3']) {
    const times: number[] = [];
    for (let share = 0.5; share < 0.8; share += 0.01) {
      const start = performance.now();
      const clipped = canonicalScheme(`${scheme}/clip${share.toFixed(2)}`)!;
      const view = {
        path: REC,
        layer: name,
        scheme: clipped,
        channel: null,
        bins: 256,
        mapRows: 96,
        mapColumns: 192,
      };
      await engine.call('layerView', view);
      times.push(performance.now() - start);
    }
    times.splice(0, 3);
    const sorted = times.sort((a, b) => a - b);
    table.add(scheme, `${sorted[sorted.length >> 1]!.toFixed(0)} ms`, `${sorted.at(-1)!.toFixed(0)} ms`);
  }
  return table;
}

/** Prints its tables. */
export async function benchSchemes(): Promise<void> {
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  try {
    await engine.call('inspect', { path: REC });
    await analyse(engine, ['int8']);
    const quick = ALL_SCHEMES.filter((id) => !isSlow(id));
    const table = new Table('weight error of all layers of rec', 'time', 'times int8');
    const int8 = await median(() => analyse(engine, ['int8']));
    const add = (name: string, time: number) => table.add(name, seconds(time), (time / int8).toFixed(1));
    add(`all ${quick.length} but codebooks of vectors`, await median(() => analyse(engine, quick)));
    for (const id of ALL_SCHEMES.filter(isSlow)) add(id, await analyse(engine, [id]));
    for (const scheme of quick) add(scheme, await median(() => analyse(engine, [scheme])));
    console.log(`${table.toString()}\n`);
    console.log(`${(await drag(engine)).toString()}\n`);
  } finally {
    await engine.dispose();
  }
}
