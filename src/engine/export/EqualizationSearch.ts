import { pauses } from '../../base/pauses';
import { gainDb, type Decibels } from '../../core/measure/Decibels';
import type { EqualizationPair } from '../../onnx/equalize/EqualizationPair';
import type { Equalization } from '../../onnx/equalize/equalizeGraph';
import { pairedGain } from '../../quant/equalization/pairedGain';
import { evenlySpaced } from '../data/evenlySpaced';
import { sampleSubset } from '../data/sampleSubset';
import type { OpenModel } from '../formats/OpenModel';
import { equalizedModel } from '../recovery/equalization/equalizedModel';
import { observeChannels } from '../recovery/equalization/observeChannels';
import { proposeScales } from '../recovery/equalization/proposeScales';
import { WeightNoise } from '../recovery/equalization/weightNoise';
import { OutputJudge } from '../recovery/OutputJudge';
import type { RepairSamples } from '../recovery/repairSamples';
import type { PhaseContext, Snapshot } from './Phase';
import { step } from './step';
import { nearestWeights, trialGraph, type Nearest } from './trialExport';

/** Samples that are fitted to and judge as well, by their mean: scales of channels fit so little that more samples tell more. */
const ALSO_JUDGED = 16;
/** The mean gain must exceed its standard error so many times: one of several methods is always the best, by chance as well. */
const STANDARD_ERRORS = 1.64;

/** A model with scales moved between constants, and what that is good for. */
export interface Equalized {
  readonly model: OpenModel;
  /** Weights of the layers that the recipe has a scheme for, rounded to nearest. */
  readonly weights: Nearest;
  /** Of the worst output, computed exactly, on samples that nothing was fitted to. */
  readonly error: Decibels;
  /** Of each sample, these and, where they look promising, others. */
  readonly each: readonly (Decibels | null)[];
  /** By layer that reads what is divided by them. */
  readonly scales: ReadonlyMap<string, Float32Array>;
  readonly methods: readonly string[];
}

/** Tries scales one method after the other. */
export class EqualizationSearch {
  /** The model without any; null before anything was tried. */
  start: Equalized | null = null;
  /** The best that was tried and is not good enough. */
  best: Equalized | null = null;
  private judges: Readonly<Record<'judged' | 'others', OutputJudge>> | null = null;

  constructor(
    private readonly snapshot: Snapshot,
    private readonly repair: RepairSamples,
    private readonly context: PhaseContext,
  ) {}

  /** The best of a round, on top of what was gained before; that itself if nothing gains enough. */
  async improve(
    model: OpenModel,
    pairs: readonly EqualizationPair[],
    leastGain: number,
    before: Equalized | null,
  ): Promise<Equalized | null> {
    const { snapshot, repair, context } = this;
    const { recipe } = snapshot;
    const { job, weightKernel } = context;
    const stats = await observeChannels(model, pairs, repair.fitted, (done) =>
      step(job, 'preparing', done / repair.fitted.count),
    );
    const pause = pauses(job.signal, () => job.progress({ stage: 'preparing', fraction: 0 }));
    const noise = new WeightNoise(weightKernel, model, recipe, stats, pause);
    const proposals = await proposeScales(pairs, model.files, stats, noise, recipe.activations !== null);
    if (proposals.length === 0) return before;
    const base = before ?? (await this.unchanged());
    let best: { readonly tried: Equalized; readonly gain: number } | null = null;
    for (const { method, chosen } of proposals) {
      const tried = await this.try(base, method, chosen);
      const { mean, error } = pairedGain(base.each, tried.each);
      const gain = gainDb(tried.error, base.error) > 0 ? mean - STANDARD_ERRORS * error : -Infinity;
      if (!best || gain > best.gain) best = { tried, gain };
    }
    if (best && best.gain > leastGain) return best.tried;
    this.best ??= best && best.tried;
    return before;
  }

  private async unchanged(): Promise<Equalized> {
    const { snapshot, context } = this;
    if (this.start) return this.start;
    const { model } = snapshot;
    const weights = await nearestWeights(snapshot, model.layers.keys(), context);
    const errors = await this.judge(model, weights, null);
    this.start = { model, weights, ...errors, scales: new Map(), methods: [] };
    return this.start;
  }

  private async try(base: Equalized, method: string, chosen: readonly Equalization[]): Promise<Equalized> {
    const { snapshot, context } = this;
    const { recipe } = snapshot;
    const model = equalizedModel(base.model, chosen);
    const scales = new Map(base.scales);
    const changed = new Set<string>();
    for (const { pair, scales: own } of chosen) {
      if (pair.layer !== null) changed.add(pair.layer);
      for (const { layer } of pair.readers) {
        changed.add(layer);
        scales.set(layer, own);
      }
    }
    const weights = new Map([
      ...base.weights,
      ...(await nearestWeights({ model, recipe }, changed, context)),
    ]);
    const errors = await this.judge(model, weights, base);
    return { model, weights, ...errors, scales, methods: [...base.methods, method] };
  }

  /**
   * Computed exactly; broken if no output can be compared.
   * @param base where it is no better than that on the first samples, the others are left out: most of the time goes into them
   */
  private async judge(
    model: OpenModel,
    weights: Nearest,
    base: Equalized | null,
  ): Promise<Pick<Equalized, 'error' | 'each'>> {
    const { snapshot, repair, context } = this;
    this.judges ??= await this.openJudges();
    const graph = await trialGraph({ model, recipe: snapshot.recipe }, weights, repair.fitted, context);
    const judged = await this.judges.judged.measureEach(graph, model.files, false);
    const error = judged.all ?? 'broken';
    if (base && (gainDb(error, base.error) <= 0 || pairedGain(base.each, judged.each).mean <= 0))
      return { error, each: judged.each };
    const others = await this.judges.others.measureEach(graph, model.files, false);
    return { error, each: [...judged.each, ...others.each] };
  }

  private async openJudges() {
    const { snapshot, repair, context } = this;
    const { fitted, judged } = repair;
    const pause = () => step(context.job, 'preparing', 0.5);
    const others = sampleSubset(fitted, evenlySpaced(Math.min(ALSO_JUDGED, fitted.count), fitted.count));
    return {
      judged: await OutputJudge.open(snapshot.model, judged, pause),
      others: await OutputJudge.open(snapshot.model, others, pause),
    };
  }
}
