import type { MeasuringState } from '../../../src/core/measure/MeasureRequest';
import type { Level } from '../../../src/core/measure/Measurement';
import { meanStability, stabilityText } from '../../../src/core/measure/stability';

/** Names the errors that the heatmap shows, and the data they were measured on. */
export function heatHeading(
  level: Level,
  repaired: boolean,
  { summaries, progress, inputs }: MeasuringState,
): { readonly title: string; readonly hint: string } {
  const { what: plain, hint } = LEVELS[level];
  const what = repaired ? `${plain}, repaired` : plain;
  if (level === 'weights') return { title: `${plain} (SQNR, dB): no data, weights only`, hint };
  const summary = summaries[level];
  if (!summary) {
    const state = progress[level].running ? 'measuring' : 'partly measured';
    const on = inputs === 'synthetic' ? 'synthetic inputs' : 'your data';
    return { title: `${what} (SQNR, dB)${inputs === null ? '' : `: ${state} on ${on}`}`, hint };
  }
  const data = inputs === 'synthetic' ? 'synthetic inputs' : 'samples of your data';
  return {
    title: `${what} (SQNR, dB): ${summary.samples} ${data}`,
    hint: `${hint}${stabilityText(meanStability(summary.stability))}`,
  };
}

/** The levels of sensitivity in words. */
export const LEVELS: Readonly<
  Record<Level, { readonly name: string; readonly what: string; readonly hint: string }>
> = {
  weights: {
    name: 'Weights',
    what: 'Weight error',
    hint: 'Signal to quantization noise ratio of the quantized weights against the float ones, without any input data. It says how well the weights are kept, not how well the model still works.',
  },
  layer: {
    name: 'Layer outputs',
    what: 'Layer output error',
    hint: "What the error of a layer's weights does to the layer's own output, its inputs being those of the float model: from second moments of its inputs, gathered in one pass over the samples.",
  },
  model: {
    name: 'Model outputs',
    what: 'Model output error',
    hint: 'One layer quantized at a time, the whole model run on the samples: what that does to the outputs of the model, the one that suffers most.',
  },
};
