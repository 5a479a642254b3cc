/** Analyses of the same layer under different schemes, put together as they come. */
import type { LayerAnalysis } from './measures';

/** What is known of a layer after `news`: its errors under the schemes of both. */
export function mergeAnalysis(known: LayerAnalysis | undefined, news: LayerAnalysis): LayerAnalysis {
  if (!known) return news;
  return { ...news, schemes: { ...known.schemes, ...news.schemes }, problem: news.problem ?? known.problem };
}
