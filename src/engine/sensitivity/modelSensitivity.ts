/** Model output error of every layer and scheme: variants of the model with one layer quantized, run on samples. */
import { modelOutputError, worstOutput, type SampleNoise } from '../../quant/sensitivity/modelOutputError';
import { toNumber } from '../../core/measure/Decibels';
import { rankCorrelation } from '../../quant/sensitivity/rankCorrelation';
import { Client, type JobContext, type Port } from '../../base/rpc';
import type { MeasurementBatch } from '../../core/measure/MeasureRequest';
import type { ModelMeasurement, Variant } from '../../core/measure/Measurement';
import type { RankStability, Stability } from '../../core/measure/stability';
import { Random } from '../data/random';
import type { VariantNoise, VariantApi, VariantJob, VariantModel } from './VariantApi';
import type { RoundingInputs } from '../../quant/rounding/RoundingInputs';

/** Layers that share a run of the float model, at most; and jobs for each thread, at least, so that none has to wait long for the others. */
const LAYERS_PER_JOB = 8;
const JOBS_PER_THREAD = 4;
/** Samples of the first round, and how many times as many there are after each further one. */
const FIRST_ROUND = 4;
const GROWTH = 4;
const SEED = 7;
const ALIVE_MS = 1000;

/** Starts a thread that serves `createVariantThread`. */
export type StartVariantThread = () => Port & { end(): void };

/** Where variants run, and how many at a time. */
export interface VariantThreads {
  readonly start: StartVariantThread;
  readonly count: number;
}

export interface ModelSensitivityRequest {
  readonly model: VariantModel;
  /** The most promising first: so they are measured. Or `NO_LAYER`. */
  readonly layers: readonly string[];
  /** The schemes of each, also repaired; or `LEAVE_ONE_OUT`. */
  readonly schemes: readonly Variant[];
  /** Kind of the samples. */
  readonly inputs: ModelMeasurement['inputs'];
  /** Places of the samples in their list. */
  readonly sampleIndices: readonly number[];
  /** What a layer's weight is repaired by, or why there is nothing; null where no scheme is repaired. */
  readonly repair: ((layer: string) => RoundingInputs | string) | null;
}

/**
 * Measures all layers on a few samples, then on more, so that a picture is there early. Several threads take groups of layers in turn.
 * @throws UserError if the float model does not run
 * @throws CancelledError
 */
export async function modelSensitivity(
  { model, layers, schemes, sampleIndices, inputs, repair }: ModelSensitivityRequest,
  { start, count: threads }: VariantThreads,
  { signal, progress }: JobContext<MeasurementBatch>,
): Promise<Stability> {
  const samples = sampleIndices.length;
  const rounds = roundsOf(shuffled(sampleIndices));
  const measured = new Map<string, Record<Variant, SampleNoise[]>>();
  const total = layers.length * samples;
  let done = 0;
  const learn = ({ layer, schemes: news, problem }: VariantNoise, count: number) => {
    const all = measured.get(layer) ?? {};
    for (const [scheme, differences] of Object.entries(news))
      all[scheme] = [...(all[scheme] ?? []), ...differences];
    measured.set(layer, all);
    done += count;
    progress({
      measurements: [{ level: 'model', layer, errors: summary(all), inputs, problem }],
      done,
      total,
    });
  };
  let told = performance.now();
  // A layer can take long, and whoever waits must not take that for a hang.
  const alive = () => {
    if (performance.now() - told < ALIVE_MS) return;
    told = performance.now();
    progress({ measurements: [], done, total });
  };
  const clients: Client<VariantApi>[] = [];
  const ports = Array.from({ length: Math.min(threads, layers.length) }, start);
  try {
    for (const port of ports) clients.push(new Client<VariantApi>(port));
    await Promise.all(clients.map((client) => client.call('open', model, { signal })));
    for (const round of rounds) {
      const jobs = groupsOf(layers, clients.length);
      const work = async (client: Client<VariantApi>) => {
        for (let group = jobs.shift(); group; group = jobs.shift())
          await client.call(
            'measure',
            { layers: group, schemes, samples: round, repair: repair && repairOf(group, repair) },
            { signal, onProgress: (news) => (news ? learn(news, round.length) : alive()) },
          );
      };
      await Promise.all(clients.map(work));
    }
  } finally {
    for (const port of ports) port.end();
  }
  return stability(measured, schemes, samples);
}

/** Made anew for each job: it is a copy of what may be large. */
function repairOf(
  layers: readonly string[],
  repair: NonNullable<ModelSensitivityRequest['repair']>,
): VariantJob['repair'] {
  const found = layers.map((layer) => [layer, repair(layer)] as const);
  return new Map(found.filter((each): each is [string, RoundingInputs] => typeof each[1] !== 'string'));
}

function summary(schemes: Readonly<Record<Variant, readonly SampleNoise[]>>): ModelMeasurement['errors'] {
  const random = new Random(SEED);
  return Object.fromEntries(
    Object.entries(schemes).map(([scheme, all]) => [scheme, modelOutputError(all, () => random.uniform())]),
  );
}

/** In random order, as files that follow each other are often alike. */
function shuffled(sampleIndices: readonly number[]): number[] {
  const random = new Random(SEED);
  return sampleIndices
    .map((index) => ({ index, key: random.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ index }) => index);
}

function roundsOf(sampleIndices: readonly number[]): number[][] {
  const rounds: number[][] = [];
  for (let start = 0, end = FIRST_ROUND; start < sampleIndices.length; start = end, end *= GROWTH)
    rounds.push(sampleIndices.slice(start, end));
  return rounds;
}

function groupsOf(layers: readonly string[], threads: number): string[][] {
  const size = Math.min(LAYERS_PER_JOB, Math.max(1, Math.floor(layers.length / (threads * JOBS_PER_THREAD))));
  const groups: string[][] = [];
  for (let i = 0; i < layers.length; i += size) groups.push(layers.slice(i, i + size));
  return groups;
}

/** How well the order of the layers by their first samples agrees with that by all, under each scheme. */
function stability(
  noises: ReadonlyMap<string, Readonly<Record<Variant, readonly SampleNoise[]>>>,
  schemes: readonly Variant[],
  samples: number,
): Stability {
  const measured = [...noises.values()].filter((layer) => schemes.every((scheme) => layer[scheme]));
  const ratios = (scheme: Variant, count: number) =>
    measured.map((layer) => toNumber(worstOutput(layer[scheme]!.slice(0, count))?.sqnrDb ?? 'broken'));
  return Object.fromEntries(
    schemes.map((scheme) => {
      const ranks: RankStability[] = [];
      for (let count = 1; count < samples; count *= 2) {
        const correlation = rankCorrelation(ratios(scheme, count), ratios(scheme, samples));
        if (correlation !== null) ranks.push({ samples: count, correlation });
      }
      return [scheme, ranks];
    }),
  );
}
