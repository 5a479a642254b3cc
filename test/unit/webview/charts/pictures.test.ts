// @vitest-environment happy-dom
import { scaleLinear } from 'd3-scale';
import { html, render, svg } from 'lit';
import { describe, expect, it } from 'vitest';
import type { WeightError } from '../../../../src/core/measure/errors';
import { renderBakeOff, spotsOf, type BakeOffPicture } from '../../../../webview/charts/bakeOffPicture';
import { bakeOffPoints, frameOf } from '../../../../webview/charts/bakeOffPoints';
import { renderAxes } from '../../../../webview/charts/renderAxes';
import { sparklinePath } from '../../../../webview/charts/sparklinePath';

/** An SVG file of what lit renders, an element a line. */
function file(content: unknown, width: number, height: number): string {
  const page = document.createElement('div');
  const box = `0 0 ${width} ${height}`;
  render(html`<svg xmlns="http://www.w3.org/2000/svg" viewBox=${box}>${content}</svg>`, page);
  return `${page.innerHTML
    .replace(/<!--.*?-->/g, '')
    .replace(/\s+/g, ' ')
    .replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
    .replace(/>\s*</g, '>\n<')}\n`;
}

const error = (bitsPerWeight: number, sqnrDb: number): WeightError => ({
  mse: 0,
  sqnrDb,
  cosine: 1,
  maxAbs: 0,
  bitsPerWeight,
  bytes: 100,
  entropyBits: bitsPerWeight - 1,
});

describe('the bake-off as a picture', () => {
  const options = { entropyCoded: false, allBits: false };
  const points = bakeOffPoints(
    new Map([
      ['int8', error(8.1, 40)],
      ['nf4/block32', error(5, 21)],
      ['int4', error(4.1, 18)],
      ['log4', error(4.2, 14)],
      ['vq4x256', error(2.3, 9)],
      ['binary', error(1.1, 3)],
    ]),
    options,
  );
  const picture: BakeOffPicture = {
    points,
    theory: {
      shape: 2,
      shannon: [0, 2, 4].map((bits) => ({ bits, sqnrDb: 6.02 * bits })),
      lloydMax: [1, 2, 3, 4].map((bits) => ({ bits, sqnrDb: 5.5 * bits - 1 })),
    },
    frame: frameOf(points, options),
    chosen: 'int4',
    active: 'binary',
    rate: 'bits per weight',
    width: 480,
    widthOf: (text) => text.length * 6.5,
  };

  it('looks as it did', async () => {
    await expect(file(renderBakeOff(picture), 480, 320)).toMatchFileSnapshot('snapshots/bakeOff.svg');
  });

  it('places points by bits and SQNR, the better the higher', () => {
    const spots = spotsOf(picture);
    const by = (scheme: string) => spots.find(({ point }) => point.scheme === scheme)!;
    expect(by('int8').x).toBeGreaterThan(by('int4').x);
    expect(by('int8').y).toBeLessThan(by('int4').y);
    expect(by('int4').size).toBeGreaterThan(by('int8').size);
  });
});

describe('axes', () => {
  it('have round ticks inside their ends', async () => {
    const x = scaleLinear([0, 9.5], [38, 470]);
    const y = scaleLinear([-6, 44], [284, 10]);
    await expect(file(renderAxes(x, y, 'bits', 'SQNR, dB'), 480, 320)).toMatchFileSnapshot(
      'snapshots/axes.svg',
    );
  });
});

describe('a small histogram', () => {
  it('looks as it did', async () => {
    const counts = [0, 1, 3, 12, 90, 400, 380, 70, 9, 2, 0, 1];
    const path = svg`<path d=${sparklinePath(counts, 72, 18)}></path>`;
    await expect(file(path, 72, 18)).toMatchFileSnapshot('snapshots/sparkline.svg');
  });
});
