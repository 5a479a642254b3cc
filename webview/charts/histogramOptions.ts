import './pageLanguage';
import uPlot from 'uplot';
import { formatCount } from '../../src/core/report/format';
import { drawClipped, drawLevels } from './drawLevels';
import { themeColour } from './fitCanvas';

export const PLOT_HEIGHT = 190;
/** Axes need some room, whatever there is. */
const MIN_WIDTH = 120;

interface HistogramOptions {
  /** Ends of the values' axis. */
  readonly axis: readonly [number, number];
  /** Singular name of the values. */
  readonly what: string;
  readonly logCounts: boolean;
  readonly width: number;
  /** The levels as they are when it is drawn. */
  levels(): Float32Array;
  drawn(plot: uPlot): void;
  /** The pointer is on a bin, or on none. */
  pointed(bin: number | null | undefined): void;
}

export function plotWidth(width: number): number {
  return Math.max(MIN_WIDTH, width);
}

/** A histogram of values for uPlot: bars, and over them what lies beyond the levels, and the levels. */
export function histogramOptions(
  element: Element,
  { axis: [from, to], what, logCounts, width, levels, drawn, pointed }: HistogramOptions,
): uPlot.Options {
  const colour = (name: string, otherwise: string) => themeColour(element, name, otherwise);
  const grid = {
    stroke: () => `color-mix(in srgb, ${colour('--vscode-charts-lines', '#8888')} 40%, transparent)`,
    width: 1,
  };
  const axis = {
    stroke: () => colour('--vscode-descriptionForeground', '#888'),
    grid,
    ticks: grid,
    font: '11px sans-serif',
    labelFont: '11px sans-serif',
    labelSize: 14,
    gap: 2,
  };
  const countText = (tick: number | null) =>
    tick === null || tick < 1 ? (tick === 0 ? '0' : '') : formatCount(tick);
  return {
    width: plotWidth(width),
    height: PLOT_HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: {
      x: { time: false, range: [from, to] },
      y: logCounts
        ? { distr: 3, range: (_, __, most) => [0.5, Math.max(10, most)] }
        : { range: (_, __, most) => [0, Math.max(1, most) * 1.05] },
    },
    axes: [
      { ...axis, label: what, size: 26 },
      { ...axis, label: 'count', size: 54, values: (_, ticks) => ticks.map(countText) },
    ],
    series: [
      {},
      {
        fill: () => colour('--vscode-charts-blue', '#3794ff'),
        width: 0,
        fillTo: logCounts ? 0.5 : 0,
        paths: uPlot.paths.bars!({ size: [1.02, Infinity], align: 0 }),
        points: { show: false },
      },
    ],
    hooks: {
      setCursor: [(plot) => pointed(plot.cursor.idx)],
      drawClear: [(plot) => drawClipped(plot, levels(), colour('--vscode-charts-red', '#f14c4c'))],
      draw: [
        drawn,
        (plot) => drawLevels(plot, levels(), colour('--vscode-editorWarning-foreground', '#cca700')),
      ],
    },
  };
}
