import { css, html, LitElement, nothing, unsafeCSS } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import '../../charts/pageLanguage';
import uPlot from 'uplot';
import uPlotCss from 'uplot/dist/uPlot.min.css';
import { formatCount, formatShare, formatValue } from '../../../src/core/report/format';
import type { LayerView } from '../../../src/core/measure/layerView';
import { histogramOptions, PLOT_HEIGHT, plotWidth } from '../../charts/histogramOptions';
import type { SchemeId } from '../../../src/core/scheme/scheme';
import { base } from '../../app/styles';
import './clip-marks';
import type { AxisArea } from './clip-marks';

/** Beyond each end of the weights, as a share of their range. */
const AXIS_SPACE = 0.02;
/** Bars of the table that stands for the picture. */
const TABLE_ROWS = 16;

/** Values, and the levels that quantization moves them to. */
export interface HistogramPicture {
  /** `weight` or `input`: what the values are, one of them. */
  readonly what: 'weight' | 'input';
  readonly histogram: LayerView['histogram'];
  readonly levels: Float32Array;
  /** Said behind the number of levels, or where there are none. */
  readonly levelsNote: string;
  readonly clip: LayerView['clip'];
  /** How many values are clipped; null where only the share is known. */
  readonly clipped: number | null;
  /** 0 to 1. */
  readonly clippedShare: number;
}

/** Histogram of values with the levels of their quantizer drawn on it. */
@customElement('value-histogram')
export class ValueHistogram extends LitElement {
  static override styles = [
    unsafeCSS(uPlotCss),
    base,
    css`
      :host {
        display: block;
      }
      .frame {
        position: relative;
      }
      .plot {
        height: 190px;
        overflow: hidden;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        font-size: 11px;
        gap: 2px 14px;
        min-height: 30px;
        padding-left: 54px;
      }
      .spot {
        color: var(--vscode-foreground);
        margin-left: auto;
      }
      .key {
        display: inline-block;
        height: 10px;
        margin-right: 4px;
        vertical-align: -1px;
        width: 10px;
      }
      .key.weights {
        background: var(--vscode-charts-blue, #3794ff);
      }
      .key.level {
        border-left: 2px solid var(--vscode-editorWarning-foreground, #cca700);
        width: 4px;
      }
      .key.clip {
        background: var(--vscode-charts-red, #f14c4c);
        opacity: 0.35;
      }
    `,
  ];

  @property({ attribute: false }) picture!: HistogramPicture;
  /** The scheme that is chosen or tried, of which the picture may not have come yet. */
  @property({ attribute: false }) scheme: SchemeId | null = null;
  @property({ attribute: false }) logCounts = false;
  @state() private area: AxisArea | null = null;
  @query('.plot') private frame!: HTMLElement;
  @query('.spot') private spot!: HTMLElement;
  private plot: uPlot | null = null;
  private drawn: unknown[] = [];
  private readonly size = new ResizeObserver(([entry]) =>
    this.plot?.setSize({ width: plotWidth(entry!.contentRect.width), height: PLOT_HEIGHT }),
  );
  /** The theme's colours are read while drawing. */
  private readonly theme = new MutationObserver(() => this.plot?.redraw());

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
    this.theme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  }

  override render() {
    const { what, histogram, levels, levelsNote, clipped, clippedShare, clip } = this.picture;
    const values = `${what}s`;
    return html`
      <div class="frame">
        <div
          class="plot"
          role="img"
          aria-label="Histogram of the ${values} from ${formatValue(histogram.lo)} to ${formatValue(histogram.hi)} with ${levels.length} levels"
        ></div>
        ${
          clip && this.area && this.scheme !== null
            ? html`<clip-marks .scheme=${this.scheme} .clip=${clip} .area=${this.area}></clip-marks>`
            : nothing
        }
      </div>
      <div class="legend dim number">
        <span><span class="key weights"></span>${values}</span>
        ${
          levels.length > 0
            ? html`<span><span class="key level"></span>${levels.length} levels${levelsNote}</span
                ><span
                  ><span class="key clip"></span>clipped:
                  ${clipped === null ? '' : `${formatCount(clipped)} `}${clipped === null ? formatShare(clippedShare) : `(${formatShare(clippedShare)})`}</span
                >`
            : html`<span>${levelsNote}</span>`
        }
        <span class="spot"></span>
      </div>
      <table class="visually-hidden">
        <caption>
          Histogram of the ${values}
        </caption>
        <tr>
          <th>from</th>
          <th>to</th>
          <th>${values}</th>
        </tr>
        ${this.tableRows().map(
          ([from, to, count]) =>
            html`<tr>
              <td>${formatValue(from)}</td>
              <td>${formatValue(to)}</td>
              <td>${count}</td>
            </tr>`,
        )}
      </table>
    `;
  }

  protected override updated(): void {
    const { histogram } = this.picture;
    const { lo, hi, counts } = histogram;
    const [from, to] = axisOf(this.picture);
    const drawn = [from, to, this.logCounts];
    const step = (hi - lo) / counts.length;
    const centres = Array.from(counts, (_, i) => lo + (i + 0.5) * step);
    // A logarithm has no place for zero.
    const heights = Array.from(counts, (count) => (this.logCounts && count === 0 ? null : count));
    const data: uPlot.AlignedData = [centres, heights];
    // Axes change with the range only; everything else is new data for the same plot.
    if (!this.plot || drawn.some((value, i) => value !== this.drawn[i])) {
      this.plot?.destroy();
      this.plot = new uPlot(
        histogramOptions(this, {
          axis: [from, to],
          what: this.picture.what,
          logCounts: this.logCounts,
          width: this.clientWidth,
          levels: () => this.picture.levels,
          drawn: (plot) => this.measure(plot, from, to),
          pointed: (bin) => (this.spot.textContent = this.describeBin(bin)),
        }),
        data,
        this.frame,
      );
      this.drawn = drawn;
    } else this.plot.setData(data);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
    this.theme.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  /** Where the marks go; told only when it is another place than before. */
  private measure({ bbox }: uPlot, from: number, to: number): void {
    const scale = window.devicePixelRatio;
    const area = {
      from,
      to,
      left: bbox.left / scale,
      width: bbox.width / scale,
      height: (bbox.top + bbox.height) / scale,
    };
    if (JSON.stringify(area) !== JSON.stringify(this.area)) this.area = area;
  }

  private describeBin(bin: number | null | undefined): string {
    const { lo, hi, counts } = this.picture.histogram;
    if (bin === null || bin === undefined || bin >= counts.length) return '';
    const step = (hi - lo) / counts.length;
    return `${formatValue(lo + bin * step)} to ${formatValue(lo + (bin + 1) * step)}: ${counts[bin]}`;
  }

  private tableRows(): [number, number, number][] {
    const { lo, hi, counts } = this.picture.histogram;
    const bins = Math.ceil(counts.length / TABLE_ROWS);
    const step = (hi - lo) / counts.length;
    return Array.from({ length: Math.ceil(counts.length / bins) }, (_, i) => [
      lo + i * bins * step,
      lo + Math.min(counts.length, (i + 1) * bins) * step,
      counts.subarray(i * bins, (i + 1) * bins).reduce((sum, count) => sum + count, 0),
    ]);
  }
}

/**
 * The ends of the weights' axis: all weights, and how far a range that is not clipped would reach, with a little space for the
 * marks there. A tensor that is constant still has an axis.
 */
function axisOf({ histogram, clip }: HistogramPicture): [number, number] {
  const from = Math.min(histogram.lo, clip?.least ?? histogram.lo);
  const to = Math.max(histogram.hi, clip?.greatest ?? histogram.hi);
  const space = (to - from) * AXIS_SPACE || 0.5;
  return [from - space, to + space];
}
