/** Colours for errors: cividis (Nuñez et al. 2018), perceptually uniform and the same for colour-blind eyes. */

type Rgb = readonly [number, number, number];

/** Samples of cividis at equal distances, dark to light. */
const CIVIDIS: readonly Rgb[] = [
  [0, 34, 78],
  [8, 51, 112],
  [53, 69, 108],
  [79, 87, 108],
  [102, 105, 112],
  [125, 124, 120],
  [148, 142, 119],
  [174, 163, 113],
  [200, 184, 102],
  [229, 207, 82],
  [254, 232, 56],
];

/** The same colours mean the same in every model: below is dark, above is light. */
export const SQNR_RANGE = { lowest: 0, highest: 60 } as const;

/** @param share 0 dark to 1 light; values outside are clamped */
export function colourAt(share: number): Rgb {
  const place = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1);
  const index = Math.min(CIVIDIS.length - 2, Math.floor(place));
  const [a, b] = [CIVIDIS[index]!, CIVIDIS[index + 1]!];
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (place - index));
  return [mix(0), mix(1), mix(2)];
}

/** Colour of an SQNR in dB; null, no error at all, is lightest. */
export function sqnrColour(sqnrDb: number | null): Rgb {
  const { lowest, highest } = SQNR_RANGE;
  return colourAt(sqnrDb === null ? 1 : (sqnrDb - lowest) / (highest - lowest));
}

/** Black or white, whichever reads better on `background` (WCAG 2.2, contrast ratio). */
export function inkOn(background: Rgb): string {
  const light = luminance(background);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000' : '#fff';
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** Relative luminance, 0 to 1. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
