/** Numbers as people read them; the same in editor, terminal and report. */
import { gainDb, type Decibels } from '../measure/Decibels';

/** 10,822,323 -> "10.8 MB" (decimal units, as file managers and the ONNX world use them). */
export function formatBytes(bytes: number): string {
  return inUnits(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** 1172004 -> "1.17 M". */
export function formatCount(count: number): string {
  return inUnits(count, ['', 'k', 'M', 'G', 'T']);
}

/** Three significant digits and the unit that suits them; whole numbers below a thousand. */
function inUnits(amount: number, units: readonly string[]): string {
  let value = amount;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`.trimEnd();
}

/** @param samples that it was measured on, where a person should know */
export function formatDb(db: Decibels, samples?: number): string {
  if (typeof db === 'number') return `${db.toFixed(1)} dB`;
  if (db !== 'equal') return db;
  if (samples === undefined) return 'no difference';
  return `no difference measured on ${samples} ${samples === 1 ? 'sample' : 'samples'}`;
}

/** In a cell of a table whose head has the unit. */
export function formatDbCell(db: Decibels): string {
  return typeof db === 'number' ? db.toFixed(1) : db;
}

/** How many decibels more one has than another, as in `+4.1 dB`. */
export function formatGain(db: Decibels, base: Decibels): string {
  if (db === 'broken') return base === 'broken' ? 'still broken' : 'broken';
  if (base === 'broken') return 'no longer broken';
  const gain = gainDb(db, base);
  if (!Number.isFinite(gain)) return gain > 0 ? 'no error left' : 'all of the error';
  const rounded = gain.toFixed(1);
  return `${Number(rounded) >= 0 ? '+' : '−'}${rounded.replace('-', '')} dB`;
}

/** A share of the whole, 0 to 1. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.1 ? '<0.1 %' : `${percent.toFixed(1)} %`;
}

/** A shape as `[64, 3, 3, 3]`; free dimensions by name or as `?`. */
export function formatShape(shape: readonly (number | string | null)[] | null): string {
  return shape === null ? 'any shape' : `[${shape.map((size) => size ?? '?').join(', ')}]`;
}

/** A weight or error with four significant digits. */
export function formatValue(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  return magnitude >= 1e-4 && magnitude < 1e5
    ? Number(value.toPrecision(4)).toString()
    : value.toExponential(2);
}
