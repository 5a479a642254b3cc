/** Colours for numbers: perceptually uniform and readable for colour-blind eyes (van der Walt and Smith 2015). */
import { toNumber, type Decibels } from '../../src/core/measure/Decibels';

export type Rgb = readonly [number, number, number];
/** Samples at equal distances, dark to light. */
export type Palette = readonly Rgb[];

/** For SQNR: dark is bad, light is good. */
export const VIRIDIS = palette(
  '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725',
);
/** For errors, so that nobody takes one picture for the other: dark is none, light is most. */
export const MAGMA = palette('000004 140e36 3b0f70 641a80 8c2981 b73779 de4968 f7705c fe9f6d fecf92 fcfdbf');

/** The same colours mean the same in every model; what lies outside gets the colour of the nearer end. */
export const SQNR_RANGE = { lowest: 0, highest: 50 } as const;

/** @param share 0 dark to 1 light; values outside are clamped */
export function colourAt(colours: Palette, share: number): Rgb {
  const position = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const index = Math.min(colours.length - 2, Math.floor(position));
  const [a, b] = [colours[index]!, colours[index + 1]!];
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (position - index));
  return [mix(0), mix(1), mix(2)];
}

/** Colour of an SQNR: darkest where it is broken, lightest without noise. */
export function sqnrColour(sqnrDb: Decibels): Rgb {
  const { lowest, highest } = SQNR_RANGE;
  return colourAt(VIRIDIS, (toNumber(sqnrDb) - lowest) / (highest - lowest));
}

/** Black or white, whichever reads better on `background` (WCAG 2.2, contrast ratio). */
export function inkOn(background: Rgb): string {
  const light = luminance(background);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000' : '#fff';
}

/** Relative luminance, 0 to 1. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** A colour as CSS writes it. */
export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** A palette as a CSS background, dark on the left. */
export function gradient(colours: Palette): string {
  return `linear-gradient(to right, ${colours.map(css).join(', ')})`;
}

function palette(hex: string): Palette {
  const byte = (colour: string, at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  return hex.split(' ').map((colour) => [byte(colour, 0), byte(colour, 2), byte(colour, 4)]);
}
